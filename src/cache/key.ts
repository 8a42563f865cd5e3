import { type ChainId, canonicalJson, type Digest, digestOf, type Platform } from '../oci/index.ts';

/** Goes up when the same parts stop meaning the same result. */
const KEY_FORMAT = 1;

/**
 * One named input of a step. `explain.ts` turns names into sentences, and knows these:
 *
 *     env NODE_ENV                       one of many of a kind
 *     files · files 2 · files COPY a b   digest of a listing (src/context, `listing`) that `saveListing` keeps
 *     mount /target files                the same for what a bind mount shows
 *     instruction · sources              COPY or ADD, and its sources as JSON, by which plain `files` are called
 *
 * Any other stands for itself: `command`, `user`, `destination`, `mount /target`.
 */
export interface KeyPart {
  readonly name: string;
  readonly value: string;
}

export type CacheKey = Digest;

/** What a step is done on, besides its own parts. */
export interface KeyScope {
  /** The layers below: equal layers are equal chains, so a step that was rebuilt to the same bytes lets all after it hit. */
  readonly parent: ChainId;
  readonly step: 'run' | 'copy' | 'workdir';
  readonly platform: Platform;
}

/**
 * The digest of all that a step's result depends on. JSON keeps every value apart from its neighbours, so no two different inputs
 * run together; the order of parts counts (`ENV` order does), the order of members does not.
 */
export function keyOf(scope: KeyScope, parts: readonly KeyPart[]): CacheKey {
  const { parent, step, platform } = scope;
  const pairs = parts.map(({ name, value }) => [name, value]);
  return digestOf(canonicalJson({ format: KEY_FORMAT, parent, step, platform, parts: pairs }));
}
