import type { ProgressEvent } from '../../progress.ts';

/** A reader of the progress stream. What it writes goes to stderr: stdout belongs to the result. */
export interface Renderer {
  readonly report: (event: ProgressEvent) => void;
  /** Resolves when the terminal or pipe has taken what was written; undefined if it has. */
  readonly caughtUp?: () => Promise<void> | undefined;
  /** Shows a line of the debug log; without it the terminal is free for such lines. */
  readonly showLine?: (line: string) => void;
  /** Writes what is still held back and leaves the terminal as it was found. Idempotent. */
  readonly finish: () => void;
}
