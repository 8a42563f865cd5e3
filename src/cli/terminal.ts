import type { Readable, Writable } from 'node:stream';
import type { Log } from '../progress.ts';

/** A stream of text out of the process, which may be a terminal. */
export interface Output {
  /** False: the reader is behind. `flushed` is called when the text is out of the process, or cannot be. */
  write(text: string | Uint8Array, flushed?: (error?: Error | null) => void): boolean;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** Where what a command tells for debugging is written. */
export interface DebugLog {
  readonly log: Log;
  /** False: it goes to a file. */
  readonly isOnStderr: boolean;
  /** Until the function that is returned is called, lines for standard error go through `show`, whose it is. */
  showBy(show: (line: string) => void): () => void;
}

/** Everything that a verb may know of the world around the process; tests give it another one. */
export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  /** The working directory. Throws if it is not there any more. */
  readonly cwd: () => string;
  /** Standard input, opened by the first who asks. */
  readonly stdin: () => Readable & { readonly isTTY?: boolean };
  /** Standard output for bytes that wait for their reader. */
  readonly archiveOutput: () => Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Fires at the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  readonly debugLog?: DebugLog | undefined;
}

/** Whether to colour what goes to an output (https://no-color.org). */
export function hasColour(output: Output, env: Terminal['env']): boolean {
  if ((env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb') return false;
  return output.isTTY === true;
}
