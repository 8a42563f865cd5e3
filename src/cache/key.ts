import { type ChainId, type Digest, digestOf, formatCanonicalJson, type Platform } from '../oci/index.ts';

/** Incremented when the same parts no longer mean the same result. */
const KEY_FORMAT = 1;

/**
 * One named input of a step. `explain.ts` describes these names for the user:
 *
 *     env NODE_ENV                       one of several parts of a kind
 *     files · files 2 · files COPY a b   digest of a listing (src/context, `listSelections`) that `saveListing` stores
 *     mount /target files                the same for the content of a bind mount
 *     instruction · sources              COPY or ADD, and its sources as JSON; plain `files` are described by them
 *
 * Other names are shown as they are: `command`, `user`, `destination`, `mount /target`.
 */
export interface KeyPart {
  readonly name: string;
  readonly value: string;
}

export type CacheKey = Digest;

/** The inputs of a step in addition to its own parts. */
export interface KeyScope {
  /**
   * The layers below. Equal layers have equal chain ids, so a step that is rebuilt to the same bytes lets all later
   * steps hit.
   */
  readonly parent: ChainId;
  readonly step: 'run' | 'copy' | 'workdir';
  readonly platform: Platform;
}

/**
 * The digest of everything that a step's result depends on. JSON separates the values, so different inputs never give
 * the same text. The order of parts counts (the order of `ENV` counts), the order of members does not.
 */
export function keyOf(scope: KeyScope, parts: readonly KeyPart[]): CacheKey {
  const { parent, step, platform } = scope;
  const pairs = parts.map(({ name, value }) => [name, value]);
  return digestOf(formatCanonicalJson({ format: KEY_FORMAT, parent, step, platform, parts: pairs }));
}
