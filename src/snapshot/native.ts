import { join } from 'node:path';
import { throwIfCancelled } from '../errors.ts';
import { copyTree } from '../host/index.ts';
import type { Change } from '../layer/index.ts';
import { type ChainId, computeChainId, EMPTY_CHAIN, type Layer } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { type ChainDirectory, resetRoot } from './chain-directory.ts';
import { ChainSnapshot, ChainSnapshotter } from './chain-snapshotter.ts';
import type { ActiveSnapshot, View } from './index.ts';
import { listPlacedLayers } from './lower-layers.ts';
import { type Manifest, readChangesSince, takeManifest } from './manifest.ts';

/**
 * Snapshots by copying, if overlayfs is not available (for example if the store itself is on an overlay). Slow, but without
 * requirements. A chain is one complete directory tree. A step gets a copy of it, and its changes are found by a comparison with a
 * listing.
 */
export class NativeSnapshotter extends ChainSnapshotter {
  readonly name = 'native';

  async prepare(layers: readonly Layer[], call: Call): Promise<ActiveSnapshot> {
    this.chains.sweepAbandoned();
    const whole = await this.#wholeOf(layers, call);
    const made = this.chains.create();
    await copyTree(whole, join(made, 'fs'), call.signal);
    resetRoot(join(made, 'fs'));
    return new NativeSnapshot(this.chains, made, { origin: whole, below: chainOf(layers) });
  }

  async view(layers: readonly Layer[], call: Call): Promise<View> {
    const whole = await this.#wholeOf(layers, call);
    await this.chains.verify(belowOf(chainOf(layers)));
    return { lowers: [whole], async [Symbol.asyncDispose]() {} };
  }

  /** Returns the directory of the whole chain. Unpacks only the layers above the highest chain that is unpacked already. */
  async #wholeOf(layers: readonly Layer[], call: Call): Promise<string> {
    const chain = chainOf(layers);
    if (chain === EMPTY_CHAIN) return this.chains.empty;
    await this.ensure(chain, (directory) => this.#fill(directory, layers, call));
    this.chains.markUsed(chain);
    return this.chains.short(chain);
  }

  async #fill(directory: string, layers: readonly Layer[], call: Call): Promise<void> {
    const placed = listPlacedLayers(layers);
    const there = placed.findLastIndex((each) => this.chains.has(each.chain));
    if (there >= 0) await copyTree(this.chains.short(placed[there]!.chain), directory, call.signal);
    for (const { layer } of placed.slice(there + 1)) {
      throwIfCancelled(call.signal);
      await this.unpack(layer, { directory, whiteouts: 'delete', below: [] }, call);
    }
  }
}

class NativeSnapshot extends ChainSnapshot {
  readonly rootfs: ActiveSnapshot['rootfs'] & { readonly kind: 'directory' };
  readonly #origin: string;
  readonly #before: Manifest;

  constructor(chains: ChainDirectory, made: string, { origin, below }: { origin: string; below: ChainId }) {
    super(chains, made, belowOf(below));
    this.#origin = origin;
    this.rootfs = { kind: 'directory', path: join(made, 'fs') };
    this.#before = takeManifest(this.rootfs.path);
  }

  changes({ exclude }: { readonly exclude: ReadonlySet<string> }): Iterable<Change> {
    return readChangesSince(this.#before, this.rootfs.path, { origin: this.#origin, exclude });
  }
}

function chainOf(layers: readonly Layer[]): ChainId {
  return computeChainId(layers.map(({ diffId }) => diffId));
}

function belowOf(chain: ChainId): readonly ChainId[] {
  return chain === EMPTY_CHAIN ? [] : [chain];
}
