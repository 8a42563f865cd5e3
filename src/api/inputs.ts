/** The inputs of a build. Paths are relative to the caller's working directory, unless documented otherwise. */

/** Where the main context comes from. */
export type ContextInput =
  | { readonly kind: 'directory'; readonly path: string }
  /** The caller's input stream: a tar or a single build file, detected by content. */
  | { readonly kind: 'stdin' }
  | { readonly kind: 'git'; readonly url: string }
  | { readonly kind: 'http'; readonly url: string };

export type NamedContextInput =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'image'; readonly reference: string }
  /** `reference`: a tag or digest; undefined: the only image of the layout. */
  | { readonly kind: 'oci-layout'; readonly directory: string; readonly reference: string | undefined }
  | { readonly kind: 'git'; readonly url: string }
  | { readonly kind: 'http'; readonly url: string };

export type BuildFileInput =
  /** Relative to the working directory; if there is no such file, relative to the context. */
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'http'; readonly url: string };

/** A secret by reference: its value is never part of a request. */
export interface SecretInput {
  readonly id: string;
  readonly source: { readonly kind: 'file'; readonly path: string } | { readonly kind: 'env'; readonly name: string };
}

export interface SshInput {
  readonly id: string;
  /** A socket, or key files; empty: `$SSH_AUTH_SOCK` of the caller. */
  readonly paths: readonly string[];
}
