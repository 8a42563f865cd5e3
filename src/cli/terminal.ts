import type { Readable, Writable } from 'node:stream';
import type { Log } from '../progress.ts';

/** An output stream of the process. It may be a terminal. */
export interface Output {
  /** Returns false while text is buffered. `flushed` is called when the text is written, or with an error if that failed. */
  write(text: string | Uint8Array, flushed?: (error?: Error | null) => void): boolean;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** Destination of the debug log. */
export interface DebugLog {
  readonly log: Log;
  /** False: the log is written to a file. */
  readonly isOnStderr: boolean;
  /** Sends lines for standard error to `show`, until the returned function is called. */
  showBy(show: (line: string) => void): () => void;
}

/** Everything outside of the process that a verb may use. Tests replace it. */
export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Returns the working directory. Throws if it no longer exists. */
  readonly cwd: () => string;
  /** Standard input. The first call opens it. */
  readonly stdin: () => Readable & { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };
  /** Standard output as a stream with backpressure, for archives. */
  readonly archiveOutput: () => Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Aborts on the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  readonly debugLog?: DebugLog | undefined;
  /** This process has an ordinary user, and may be replaced by one in a user namespace. */
  readonly mayEnterNamespace?: boolean;
  /** Sends the signals of this process, and changes of the window, to a listener until the returned function is called. */
  readonly takeSignals?: ((listener: (signal: NodeJS.Signals) => void) => () => void) | undefined;
}

/** Whether text for this output should be coloured (https://no-color.org). */
export function hasColour(output: Output, env: Terminal['env']): boolean {
  if ((env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb') return false;
  return output.isTTY === true;
}
