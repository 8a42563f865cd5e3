import type { Range } from './text/range.ts';

/** One replacement in the text of the build file: an empty range inserts, an empty text removes. */
export interface TextEdit {
  readonly range: Range;
  readonly text: string;
}

/** A change that fixes a diagnostic. Its edits do not overlap. */
export interface Fix {
  /** Title in an editor, e.g. ``write `COPY` ``. */
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** True if the fix does not change the image, so that it can be applied without confirmation. */
  readonly isSafe?: true;
}

/** A problem in the build file. Shown with a code frame (code-frame.ts). */
export interface Diagnostic {
  /** `info` and `style` occur only with settings of hadolint. */
  readonly severity: 'error' | 'warning' | 'info' | 'style';
  /** The name of a check (`UndefinedVar`) or a syntax code (`unknown-instruction`). */
  readonly code: string;
  /** Lower case, no trailing dot, user text in backticks. */
  readonly message: string;
  /** What to do next: `did you mean \`COPY\`?`. */
  readonly hint?: string;
  readonly range: Range;
  /** Possible fixes, the best first. */
  readonly fixes?: readonly Fix[];
}
