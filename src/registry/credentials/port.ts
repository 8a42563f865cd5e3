/** PORT. The credentials of a user at registries. Backend: saved-credentials.ts (files of Docker and Podman, and helper programs). */
import type { Call } from '../../progress.ts';

export interface Credentials {
  /** Empty for tokens. */
  readonly username: string;
  /** The password or token. */
  readonly secret: string;
  /**
   * `password` (default); `identity-token`: an OAuth 2 refresh token, exchanged at the token server of the registry;
   * `registry-token`: a bearer token that is sent as it is.
   */
  readonly kind?: 'password' | 'identity-token' | 'registry-token';
}

/**
 * Finds the credentials for a repository of a registry, both as in normalized references; an empty repository: for the registry
 * itself. undefined: anonymous. Throws `registry` if a helper program fails, `usage` for a damaged file.
 */
export type CredentialProvider = (registry: string, repository: string, call: Call) => Promise<Credentials | undefined>;

/** A registry, or a part of it: `registry.example.com/team`. */
export interface LoginScope {
  readonly registry: string;
  /** The beginning of repository names; empty: all. */
  readonly repository: string;
}

/** Where credentials are stored: a file, or the program `docker-credential-<helper>`. */
export type CredentialPlace =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'helper'; readonly name: string };

/** Reads and changes saved credentials. Nothing is read before the first call; helper programs are asked once per scope. */
export interface CredentialStore {
  readonly find: CredentialProvider;
  /** Replaces the saved credentials. Throws `registry` if a helper program fails, `usage` if the file cannot be changed. */
  save(scope: LoginScope, credentials: Credentials, call: Call): Promise<CredentialPlace>;
  /** Removes the credentials of a scope. Returns false if there are none. Throws as `save`. */
  remove(scope: LoginScope, call: Call): Promise<boolean>;
  /** Removes all credentials of the file that `save` writes, and those that its helpers have for these names. Throws as `save`. */
  removeAll(call: Call): Promise<void>;
}
