import { type ChainId, canonicalJson, digestOf, type Platform } from '../oci/index.ts';
import type { CacheKey, KeyPart } from './index.ts';

/** Goes up when the same parts stop meaning the same result. */
const KEY_FORMAT = 1;

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
