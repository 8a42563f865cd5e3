import type { Diagnostic } from '../instructions/index.ts';
import type { Descriptor, Digest, Platform } from '../oci/index.ts';

/** Where the main context comes from. */
export type ContextInput =
  | { readonly kind: 'directory'; readonly path: string }
  /** `-`: a tar, or a build file alone; decided by content. */
  | { readonly kind: 'stdin' }
  | { readonly kind: 'git'; readonly url: string }
  | { readonly kind: 'http'; readonly url: string };

export type NamedContextInput =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'image'; readonly reference: string }
  | { readonly kind: 'oci-layout'; readonly directory: string; readonly reference: string | undefined }
  | { readonly kind: 'git'; readonly url: string }
  | { readonly kind: 'http'; readonly url: string };

export interface SecretInput {
  readonly id: string;
  readonly source: { readonly kind: 'file'; readonly path: string } | { readonly kind: 'env'; readonly name: string };
}

export interface SshInput {
  readonly id: string;
  /** A socket, or key files; none: `$SSH_AUTH_SOCK`. */
  readonly paths: readonly string[];
}

/** Everything `mkimage build` can be told; defaults are applied by the door, once. */
export interface BuildRequest {
  readonly context: ContextInput;
  /** `-f`: a path, `-` for stdin; undefined: the first of Imagefile, Dockerfile, Containerfile in the context. */
  readonly file: string | undefined;
  readonly tags: readonly string[];
  readonly target: string | undefined;
  /** `--build-arg K` without a value takes it from the environment, if it is set there. */
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: readonly string[];
  readonly platform: string | undefined;
  readonly namedContexts: Readonly<Record<string, NamedContextInput>>;
  readonly secrets: readonly SecretInput[];
  readonly ssh: readonly SshInput[];
  /** `-o` values as written (`type=oci,dest=app.tar`). */
  readonly outputs: readonly string[];
  readonly noCache: boolean;
  /** Stage names whose steps are not looked up. */
  readonly noCacheFilter: readonly string[];
  readonly pull: boolean;
  readonly network: 'default' | 'none' | 'host';
  /** `--allow`: entitlements given. */
  readonly allow: readonly string[];
  /** `name:ip` pairs for /etc/hosts. */
  readonly extraHosts: readonly string[];
  /** Bytes. */
  readonly shmSize: number | undefined;
  /** `nofile=1024:2048`. */
  readonly ulimits: readonly string[];
  /** A policy beside the build file is not looked for. */
  readonly skipsPolicy: boolean;
  readonly isolation: string | undefined;
}

export interface BuildResult {
  /** The image ID. */
  readonly config: Digest;
  /** The manifest as it is in the local store. */
  readonly manifest: Descriptor;
  readonly platform: Platform;
  /** Normalised: those of `--tag`, and those that outputs add. */
  readonly names: readonly string[];
  readonly outputs: readonly {
    readonly type: string;
    readonly dest: string | undefined;
    readonly descriptor: Descriptor | undefined;
  }[];
  readonly warnings: readonly Diagnostic[];
  /** Name of the build file and its text, for code frames of the warnings. */
  readonly file: { readonly name: string; readonly text: string };
}
