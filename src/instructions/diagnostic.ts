import type { Range } from './instruction.ts';

/** What the author wrote wrong. Collected, with a range, and shown together with a code frame (code-frame.ts). */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** A check's name (`UndefinedVar`) or a syntax code (`unknown-instruction`). */
  readonly code: string;
  /** Lower case, no trailing dot, user text in backticks. */
  readonly message: string;
  /** What to do next: `did you mean \`COPY\`?`. */
  readonly hint?: string;
  readonly range: Range;
}
