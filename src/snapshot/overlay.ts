import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { throwIfCancelled } from '../errors.ts';
import type { Stack } from '../host/index.ts';
import type { Change } from '../layer/index.ts';
import type { ChainId, Layer } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { ChainDirectory } from './chain-directory.ts';
import { ChainSnapshot, ChainSnapshotter, refuseChanges } from './chain-snapshotter.ts';
import { readOverlayChanges } from './diff.ts';
import type { ActiveSnapshot, Rootfs, View } from './index.ts';
import { countToMerge, listPlacedLayers, nameMergedLayers, type PlacedLayer } from './lower-layers.ts';

/**
 * Snapshots with overlayfs: each layer is unpacked once into its own directory, which all chains above share. If there are more layers
 * than overlayfs accepts, the lowest ones are merged into one directory.
 */
export class OverlaySnapshotter extends ChainSnapshotter {
  readonly name = 'overlay';

  async prepare(layers: readonly Layer[], call: Call): Promise<ActiveSnapshot> {
    this.chains.sweepAbandoned();
    const { lowers, names } = await this.#lowersOf(layers, call);
    return new OverlaySnapshot(this.chains, lowers, names);
  }

  async view(layers: readonly Layer[], call: Call): Promise<View> {
    const { lowers, names } = await this.#lowersOf(layers, call);
    await this.chains.verify(names);
    return { lowers, async [Symbol.asyncDispose]() {} };
  }

  override changesOf(rootfs: Rootfs, { exclude }: { readonly exclude: ReadonlySet<string> }): Iterable<Change> {
    if (rootfs.kind !== 'overlay') return refuseChanges();
    return readOverlayChanges({ upper: rootfs.upper, lowers: rootfs.lowers, exclude });
  }

  /** Returns the unpacked layers, topmost first, and their names. For an image without layers, returns an empty directory. */
  async #lowersOf(layers: readonly Layer[], call: Call): Promise<{ lowers: Stack; names: readonly ChainId[] }> {
    const placed = listPlacedLayers(layers);
    const merged = placed.slice(0, countToMerge(placed.length));
    const names = merged.length === 0 ? [] : [await this.#merge(merged, call)];
    let lowers: Stack = names.map((name) => this.chains.short(name));
    for (const { layer, chain } of placed.slice(merged.length)) {
      throwIfCancelled(call.signal);
      const below = lowers;
      await this.ensure(chain, (directory) => this.unpack(layer, { directory, whiteouts: 'overlay', below }, call));
      names.push(chain);
      lowers = [this.chains.short(chain), ...lowers];
    }
    for (const name of names) this.chains.markUsed(name);
    const counts = { layers: layers.length, directories: names.length, merged: merged.length };
    call.log?.debug('sandbox', 'layers of a root filesystem', counts);
    return { lowers: lowers.length === 0 ? [this.chains.empty] : lowers, names };
  }

  /** Unpacks the lowest layers of a chain into one directory. */
  async #merge(placed: readonly PlacedLayer[], call: Call): Promise<ChainId> {
    const name = nameMergedLayers(placed);
    await this.ensure(name, async (directory) => {
      for (const { layer } of placed) {
        throwIfCancelled(call.signal);
        await this.unpack(layer, { directory, whiteouts: 'delete', below: [] }, call);
      }
    });
    return name;
  }
}

class OverlaySnapshot extends ChainSnapshot {
  readonly rootfs: ActiveSnapshot['rootfs'] & { readonly kind: 'overlay' };

  constructor(chains: ChainDirectory, lowers: Stack, below: readonly ChainId[]) {
    const made = chains.create();
    super(chains, made, below);
    const upper = join(made, 'fs');
    const work = join(made, 'work');
    mkdirSync(work, { mode: 0o700 });
    this.rootfs = { kind: 'overlay', lowers, upper, work };
  }

  changes({ exclude }: { readonly exclude: ReadonlySet<string> }): ReturnType<ActiveSnapshot['changes']> {
    return readOverlayChanges({ upper: this.rootfs.upper, lowers: this.rootfs.lowers, exclude });
  }
}
