import type { ProgressEvent } from '../../progress.ts';

/** A reader of the progress stream. What it writes goes to stderr: stdout belongs to the result. */
export interface Renderer {
  readonly report: (event: ProgressEvent) => void;
  /** Writes what is still held back and leaves the terminal as it was found. Idempotent. */
  readonly finish: () => void;
}
