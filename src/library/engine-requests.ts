/** What a program asks of an engine. As the requests of the command line, but what is not said need not be written. */
import type { Readable, Writable } from 'node:stream';
import type { BuildRequest } from '../api/index.ts';
import { type Descriptor, normalizeName } from '../oci/index.ts';
import type { ProgressEvent } from '../progress.ts';

export interface EngineOptions {
  /** Folder of the store, made if it is missing. Default: that of the command line, by `env`. */
  readonly root?: string;
  /** Settings (`MKIMAGE_…`), proxies, and values of secrets that are variables. Default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where relative paths of requests begin. Default: the working directory of this process, now. */
  readonly cwd?: string;
}

/** How one call is watched and ended. */
export interface CallOptions {
  /** Ends the call, which throws `cancelled`. */
  readonly signal?: AbortSignal;
  /** Told of what happens, in order. Must not throw. */
  readonly report?: (event: ProgressEvent) => void;
  /** Opened only if the request says `stdin`. */
  readonly stdin?: () => Readable;
  /** Opened only if an output goes to `-`. */
  readonly stdout?: () => Writable;
}

/** All that can be asked of a build, of which only the context has to be said. Names may be written as people write them. */
export type BuildInput = Pick<BuildRequest, 'context'> & Partial<BuildRequest>;

export interface PullInput {
  readonly image: string;
  /** `os/architecture[/variant]`; default: that of this machine. */
  readonly platform?: string;
}

export interface PulledImage {
  /** Normalised. */
  readonly reference: string;
  readonly manifest: Descriptor;
}

/** The whole request. Throws `invalid-reference`. */
export function completeBuildRequest(input: BuildInput): BuildRequest {
  const request = { ...NOTHING_SAID, ...removeUndefined(input) };
  return { ...request, tags: request.tags.map(normalizeName) };
}

const NOTHING_SAID: Omit<BuildRequest, 'context'> = {
  file: undefined,
  tags: [],
  target: undefined,
  buildArgs: {},
  labels: {},
  annotations: [],
  platforms: [],
  namedContexts: {},
  secrets: [],
  ssh: [],
  outputs: [],
  part: false,
  cacheFrom: [],
  cacheTo: [],
  expectCached: undefined,
  noCache: false,
  noCacheFilter: [],
  pull: false,
  network: 'default',
  allow: [],
  extraHosts: [],
  shmSize: undefined,
  ulimits: [],
  skipsPolicy: false,
  isolation: undefined,
};

/** A member that is undefined says nothing. */
function removeUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
