import type { Readable, Writable } from 'node:stream';
import { MkimageError } from '../errors.ts';
import { type Call, quietCall } from '../progress.ts';

/** Who calls, as far as a request may speak of it: the engine does not look at the process that it runs in. */
export interface Caller {
  /** Absolute. Relative paths of the request begin here. */
  readonly cwd: string;
  /** Where secrets that are variables come from, and the agent of `ssh` inputs without a socket. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Opened only if the request says `stdin`; absent: the caller has none. */
  readonly stdin?: (() => Readable) | undefined;
  /** Opened only if an output goes to `-`; absent: the caller has none. */
  readonly stdout?: (() => Writable) | undefined;
}

/** What a verb of the engine takes besides its request. */
export interface EngineCall extends Call, Caller {}

/** A call that nobody watches and nobody cancels. */
export function quietCallOf(caller: Caller): EngineCall {
  return { ...caller, ...quietCall() };
}

/** The caller's input. Throws `usage` if it has none; `what` is to be read from it. */
export function inputOf({ stdin }: Pick<Caller, 'stdin'>, what: string): Readable {
  if (stdin !== undefined) return stdin();
  throw new MkimageError('usage', `read ${what}: there is no standard input`, { hint: 'name a file' });
}

/** The caller's output. Throws `usage` if it has none. */
export function outputOf({ stdout }: Pick<Caller, 'stdout'>): Writable {
  if (stdout !== undefined) return stdout();
  throw new MkimageError('usage', 'write output: there is no standard output', { hint: 'name a file' });
}
