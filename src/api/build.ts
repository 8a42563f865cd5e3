import type { Diagnostic } from '../instructions/index.ts';
import type { Descriptor, Digest, Platform, WantedPlatform } from '../oci/index.ts';
import type { CacheSource, CacheTarget } from './caches.ts';
import type { BuildFileInput, ContextInput, NamedContextInput, SecretInput, SshInput } from './inputs.ts';
import type { Annotation, OutputSpec } from './outputs.ts';
import type { Entitlement, ExtraHost, Isolation, StepNetwork, Ulimit } from './step-settings.ts';

/** All options of a build. The door applies the defaults, once. */
export interface BuildRequest {
  readonly context: ContextInput;
  /** undefined: the first of Imagefile, Dockerfile, Containerfile in the context. */
  readonly file: BuildFileInput | undefined;
  /** Normalized names. */
  readonly tags: readonly string[];
  /** Name or number of a stage; undefined: the last. */
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: readonly Annotation[];
  /** Empty: the platform of the machine, or of a base image that exists for another platform only. Several: an index. */
  readonly platforms: readonly WantedPlatform[];
  readonly namedContexts: Readonly<Record<string, NamedContextInput>>;
  readonly secrets: readonly SecretInput[];
  readonly ssh: readonly SshInput[];
  readonly outputs: readonly OutputSpec[];
  /** Push the image of each platform as a part under `tags`, to be joined. */
  readonly part: boolean;
  /** Caches of other machines, in the order in which they are asked. */
  readonly cacheFrom: readonly CacheSource[];
  /** Written after the outputs. */
  readonly cacheTo: readonly CacheTarget[];
  /** A miss of these steps is an error: names of stages, or beginnings of instructions; empty: all steps. undefined: none. */
  readonly expectCached: readonly string[] | undefined;
  readonly noCache: boolean;
  /** Names of stages whose steps do not use the cache. */
  readonly noCacheFilter: readonly string[];
  readonly pull: boolean;
  readonly network: StepNetwork;
  readonly allow: readonly Entitlement[];
  readonly extraHosts: readonly ExtraHost[];
  /** Bytes. */
  readonly shmSize: number | undefined;
  readonly ulimits: readonly Ulimit[];
  /** Do not look for a policy file beside the build file. */
  readonly skipsPolicy: boolean;
  /** undefined: the value of the configuration. */
  readonly isolation: Isolation | undefined;
}

/** The image of one platform in the local store. */
export interface BuiltPlatform {
  readonly platform: Platform;
  readonly config: Digest;
  readonly manifest: Descriptor;
}

export interface BuildResult {
  /** The image ID: the digest of the config, or of the index. */
  readonly id: Digest;
  /** What the names point at in the local store: the manifest, or the index. */
  readonly target: Descriptor;
  /** One for each platform, in the order of the index. */
  readonly images: readonly [BuiltPlatform, ...BuiltPlatform[]];
  /** Normalized names: those of the request and those added by outputs. */
  readonly names: readonly string[];
  readonly outputs: readonly {
    readonly type: OutputSpec['type'];
    readonly dest: string | undefined;
    readonly descriptor: Descriptor | undefined;
  }[];
  readonly warnings: readonly Diagnostic[];
  readonly file: BuildFileText;
}

/** The text of a build file and the name used for it in messages, for code frames. */
export interface BuildFileText {
  readonly name: string;
  readonly text: string;
}
