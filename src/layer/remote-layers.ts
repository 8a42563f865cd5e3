import { isMkimageError } from '../errors.ts';
import type { Digest, Layer } from '../oci/index.ts';
import type { Call } from '../progress.ts';

/** Brings a layer into the store. */
export type FetchLayer = (layer: Layer, call: Call) => Promise<void>;

/**
 * Layers that are known, but whose bytes are not in the store yet. They are fetched when somebody reads them, each once, or never.
 * Code that reads the blob of a layer calls `ensure` first.
 */
export class RemoteLayers {
  readonly #known = new Map<Digest, FetchLayer>();
  readonly #running = new Map<Digest, Promise<void>>();

  /** Says how a layer can be fetched. */
  add({ diffId }: Pick<Layer, 'diffId'>, fetch: FetchLayer): void {
    this.#known.set(diffId, fetch);
  }

  /** Returns true if the layer is not in the store but can be fetched. */
  has({ diffId }: Pick<Layer, 'diffId'>): boolean {
    return this.#known.has(diffId);
  }

  /** The layer cannot be fetched any more. */
  forget({ diffId }: Pick<Layer, 'diffId'>): void {
    this.#known.delete(diffId);
  }

  /** Fetches the layer if it is not in the store; undefined: there is nothing to do. Throws what the fetch throws. */
  ensure(layer: Layer, call: Call): Promise<void> | undefined {
    const fetch = this.#known.get(layer.diffId);
    if (fetch === undefined) return undefined;
    const running = this.#running.get(layer.diffId);
    if (running !== undefined) return this.#join(running, layer, call);
    const begun = this.#fetch(fetch, layer, call);
    this.#running.set(layer.diffId, begun);
    return begun;
  }

  /** The fetch belongs to another caller. If that one was cancelled, it begins again for this one. */
  async #join(running: Promise<void>, layer: Layer, call: Call): Promise<void> {
    try {
      await running;
    } catch (error) {
      if (!isMkimageError(error, 'cancelled') || call.signal.aborted) throw error;
      await this.ensure(layer, call);
    }
  }

  async #fetch(fetch: FetchLayer, layer: Layer, call: Call): Promise<void> {
    try {
      await fetch(layer, call);
      this.#known.delete(layer.diffId);
    } finally {
      this.#running.delete(layer.diffId);
    }
  }
}
