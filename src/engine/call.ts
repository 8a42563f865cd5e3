import type { Readable, Writable } from 'node:stream';
import type { BuildResult } from '../api/index.ts';
import { MkimageError } from '../errors.ts';
import type { StepSecrets } from '../executor/index.ts';
import { type Call, createQuietCall } from '../progress.ts';
import type { CredentialProvider } from '../registry/index.ts';

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
  /** Secrets and agents that the caller has in addition to those of its request; absent: none. */
  readonly secrets?: StepSecrets | undefined;
  /** The caller's credentials for registries; absent: those saved here. */
  readonly findCredentials?: CredentialProvider | undefined;
  /** Awaited before a directory is opened as context, which may be filled only then. `name`: '' is the main context. */
  readonly beforeContext?: ((name: string) => Promise<void>) | undefined;
  /** Awaited when an image is complete, before its outputs are written. What it throws ends the build. */
  readonly beforeOutputs?: ((image: Pick<BuildResult, 'id' | 'target' | 'images'>) => Promise<void>) | undefined;
}

/** What a verb of the engine gets in addition to its request. */
export interface EngineCall extends Call, Caller {}

/** A call without progress reports and without cancellation. */
export function quietCallOf(caller: Caller): EngineCall {
  return { ...caller, ...createQuietCall() };
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
