import type { Range } from './text/range.ts';

/** One replacement in the text of the build file: an empty range inserts, an empty text removes. */
export interface TextEdit {
  readonly range: Range;
  readonly text: string;
}

/** A change that takes the reason of a diagnostic away. Its edits do not overlap. */
export interface Fix {
  /** What an editor offers, e.g. ``write `COPY` ``. */
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** The image stays what it was, so it may be applied without asking. */
  readonly isSafe?: true;
}

/** What the author wrote wrong. Collected, with a range, and shown together with a code frame (code-frame.ts). */
export interface Diagnostic {
  /** Less than a warning only where hadolint's settings say so. */
  readonly severity: 'error' | 'warning' | 'info' | 'style';
  /** A check's name (`UndefinedVar`) or a syntax code (`unknown-instruction`). */
  readonly code: string;
  /** Lower case, no trailing dot, user text in backticks. */
  readonly message: string;
  /** What to do next: `did you mean \`COPY\`?`. */
  readonly hint?: string;
  readonly range: Range;
  /** Ways to mend it that need no further thought, the best first. */
  readonly fixes?: readonly Fix[];
}
