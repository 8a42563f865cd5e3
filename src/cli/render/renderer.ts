import type { ProgressEvent } from '../../progress.ts';

/** Shows progress events on stderr. stdout is reserved for the result. */
export interface Renderer {
  readonly report: (event: ProgressEvent) => void;
  /** Resolves when the terminal or pipe has accepted all written text. Returns undefined if nothing is buffered. */
  readonly drain?: () => Promise<void> | undefined;
  /** Prints a line of the debug log. If undefined, such lines can be written to the terminal directly. */
  readonly showLine?: (line: string) => void;
  /** Writes buffered lines and restores the terminal. Idempotent. */
  readonly finish: () => void;
}
