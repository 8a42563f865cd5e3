import type { Readable, Writable } from 'node:stream';
import { MkimageError } from '../errors.ts';
import { type Call, quietCall } from '../progress.ts';

/** The caller of a request: the engine does not read the process that it runs in. */
export interface Caller {
  /** Absolute. Relative paths of the request start here. */
  readonly cwd: string;
  /** The source of secrets from variables, and of the agent for `ssh` inputs without a socket. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Opened only if the request uses `stdin`; absent: the caller has none. */
  readonly stdin?: (() => Readable) | undefined;
  /** Opened only if an output is `-`; absent: the caller has none. */
  readonly stdout?: (() => Writable) | undefined;
}

/** What a verb of the engine gets in addition to its request. */
export interface EngineCall extends Call, Caller {}

/** A call without progress reports and without cancellation. */
export function quietCallOf(caller: Caller): EngineCall {
  return { ...caller, ...quietCall() };
}

/** Returns the caller's input. Throws `usage` if it has none; `what` names the input in the message. */
export function inputOf({ stdin }: Pick<Caller, 'stdin'>, what: string): Readable {
  if (stdin !== undefined) return stdin();
  throw new MkimageError('usage', `read ${what}: there is no standard input`, { hint: 'name a file' });
}

/** Returns the caller's output. Throws `usage` if it has none. */
export function outputOf({ stdout }: Pick<Caller, 'stdout'>): Writable {
  if (stdout !== undefined) return stdout();
  throw new MkimageError('usage', 'write output: there is no standard output', { hint: 'name a file' });
}
