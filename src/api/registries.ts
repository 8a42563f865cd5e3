/** Requests and results for registries and what users have there. */

export interface LoginRequest {
  /** A host, a URL, or a host with the beginning of repository names; undefined: Docker Hub. */
  readonly server: string | undefined;
  /** undefined: check the saved credentials. */
  readonly username: string | undefined;
}

export interface LoginResult {
  /** The host, with the beginning of repository names if one was given. */
  readonly server: string;
  /** Where the credentials were stored; undefined: they were there already. */
  readonly stored: StoredCredentials | undefined;
}

/** A file, or the program `docker-credential-<name>`. */
export type StoredCredentials =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'helper'; readonly name: string };

export interface LogoutRequest {
  /** As in `LoginRequest`; `all`: all registries. */
  readonly server: string | undefined | { readonly all: true };
}

export interface LogoutResult {
  /** undefined: all registries. */
  readonly server: string | undefined;
  /** False: no credentials were saved. */
  readonly removed: boolean;
  /** True: other files have credentials for the server, which are still used. */
  readonly remaining: boolean;
}

/** How registries are reached in one run, in addition to the files of the machine. */
export interface RegistrySettings {
  /** `host[:port]`, or `*` for every registry: plain HTTP and certificates that nobody verifies are allowed there. */
  readonly insecure: readonly string[];
  /** Asked in their order before a registry; `isExclusive`: instead of it. A location is `host[:port][/path]`. */
  readonly mirrors: readonly {
    readonly registry: string;
    readonly locations: readonly string[];
    readonly isExclusive: boolean;
  }[];
  /** Absolute paths of PEM files: an authority, or a certificate of this client with its key. */
  readonly certificates: readonly {
    readonly host: string;
    readonly authority?: string;
    readonly identity?: { readonly certificate: string; readonly key: string };
  }[];
}
