import { type Digest, digestOf } from './digest.ts';

/** ID of an ordered stack of layers (image-spec config.md#layer-chainid). The ID of the empty stack is `EMPTY_CHAIN`. */
export type ChainId = Digest;

export const EMPTY_CHAIN: ChainId = digestOf('');

/** The chain ID of `parent` plus one layer. */
export function chainIdOf(parent: ChainId, diffId: Digest): ChainId {
  return parent === EMPTY_CHAIN ? diffId : digestOf(`${parent} ${diffId}`);
}

/** The chain ID of a whole stack, lowest layer first. */
export function computeChainId(diffIds: readonly Digest[]): ChainId {
  return diffIds.reduce<ChainId>(chainIdOf, EMPTY_CHAIN);
}
