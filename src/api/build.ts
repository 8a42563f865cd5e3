import type { Diagnostic } from '../instructions/index.ts';
import type { Descriptor, Digest, Platform, WantedPlatform } from '../oci/index.ts';
import type { BuildFileInput, ContextInput, NamedContextInput, SecretInput, SshInput } from './inputs.ts';
import type { Annotation, OutputSpec } from './outputs.ts';
import type { Entitlement, ExtraHost, Isolation, StepNetwork, Ulimit } from './step-settings.ts';

/** Everything that can be asked of a build; defaults are applied by the door, once. */
export interface BuildRequest {
  readonly context: ContextInput;
  /** undefined: the first of Imagefile, Dockerfile, Containerfile in the context. */
  readonly file: BuildFileInput | undefined;
  /** Normalised names. */
  readonly tags: readonly string[];
  /** Name or number of a stage; undefined: the last. */
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: readonly Annotation[];
  /** undefined: that of the machine, or of a base that is for another one only. */
  readonly platform: WantedPlatform | undefined;
  readonly namedContexts: Readonly<Record<string, NamedContextInput>>;
  readonly secrets: readonly SecretInput[];
  readonly ssh: readonly SshInput[];
  readonly outputs: readonly OutputSpec[];
  readonly noCache: boolean;
  /** Names of stages whose steps are not looked up. */
  readonly noCacheFilter: readonly string[];
  readonly pull: boolean;
  readonly network: StepNetwork;
  readonly allow: readonly Entitlement[];
  readonly extraHosts: readonly ExtraHost[];
  /** Bytes. */
  readonly shmSize: number | undefined;
  readonly ulimits: readonly Ulimit[];
  /** A policy beside the build file is not looked for. */
  readonly skipsPolicy: boolean;
  /** undefined: what the configuration says. */
  readonly isolation: Isolation | undefined;
}

export interface BuildResult {
  /** The image ID. */
  readonly config: Digest;
  /** The manifest as it is in the local store. */
  readonly manifest: Descriptor;
  readonly platform: Platform;
  /** Normalised: those of the request, and those that outputs add. */
  readonly names: readonly string[];
  readonly outputs: readonly {
    readonly type: OutputSpec['type'];
    readonly dest: string | undefined;
    readonly descriptor: Descriptor | undefined;
  }[];
  readonly warnings: readonly Diagnostic[];
  readonly file: BuildFileText;
}

/** A build file by the name that messages have for it, for code frames. */
export interface BuildFileText {
  readonly name: string;
  readonly text: string;
}

/** What a `build-file` error carries in `details`: the door prints frames from it. */
export interface BuildFileFault extends BuildFileText {
  readonly diagnostics: readonly Diagnostic[];
}
