import { type Digest, digestOf } from './digest.ts';

/** Names an ordered stack of layers (image-spec config.md#layer-chainid). The empty stack has the name `EMPTY_CHAIN`. */
export type ChainId = Digest;

export const EMPTY_CHAIN: ChainId = digestOf('');

/** The chain one layer higher. */
export function chainIdOf(parent: ChainId, diffId: Digest): ChainId {
  return parent === EMPTY_CHAIN ? diffId : digestOf(`${parent} ${diffId}`);
}

/** The chain of a whole stack, lowest layer first. */
export function chainIdOfAll(diffIds: readonly Digest[]): ChainId {
  return diffIds.reduce<ChainId>(chainIdOf, EMPTY_CHAIN);
}
