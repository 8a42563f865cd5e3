import { type ChainId, chainIdOf, computeChainId, EMPTY_CHAIN, type Layer } from '../oci/index.ts';

/** A stack of layers, lowest first, with its chain id. */
export interface Chain {
  readonly id: ChainId;
  readonly layers: readonly Layer[];
}

export const EMPTY: Chain = { id: EMPTY_CHAIN, layers: [] };

/** The chain with one more layer on top; the same chain if the step changed nothing. */
export function extend(chain: Chain, layer: Layer | null): Chain {
  if (layer === null) return chain;
  return { id: chainIdOf(chain.id, layer.diffId), layers: [...chain.layers, layer] };
}

export function chainOf(layers: readonly Layer[]): Chain {
  return { id: computeChainId(layers.map(({ diffId }) => diffId)), layers };
}
