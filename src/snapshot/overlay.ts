import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { throwIfCancelled } from '../errors.ts';
import type { Stack } from '../host/index.ts';
import type { ChainId, Layer } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { ChainDirectory } from './chain-directory.ts';
import { overlayChanges } from './diff.ts';
import type { ActiveSnapshot, Maker, Snapshotter, UnpackedChain, View } from './index.ts';
import { countToMerge, mergedName, type PlacedLayer, placedLayers } from './lower-layers.ts';
import { pruneChains } from './prune-chains.ts';

export interface SnapshotterOptions {
  /** `<root>/snapshots-v1/<snapshotter>`; made if need be. */
  readonly directory: string;
  readonly maker: Maker;
  /** Writes a layer's files into an empty directory (or over what is there). */
  readonly unpack: (layer: Layer, target: UnpackTarget, call: Call) => Promise<void>;
}

export interface UnpackTarget {
  readonly directory: string;
  /** How a whiteout is kept: as overlayfs' own mark, or by deleting what it hides. */
  readonly whiteouts: 'overlay' | 'delete';
  /** The directories below, topmost first: missing parents take their attributes from there. */
  readonly below: Stack;
}

/**
 * Snapshots for overlayfs: each layer is unpacked once, into a directory of its own, and shared by all chains above. The lowest
 * of more layers than overlayfs takes are merged into one directory.
 */
export class OverlaySnapshotter implements Snapshotter {
  readonly name = 'overlay';
  readonly #chains: ChainDirectory;
  readonly #unpack: SnapshotterOptions['unpack'];
  readonly #unpacking = new Map<ChainId, Promise<void>>();

  constructor({ directory, maker, unpack }: SnapshotterOptions) {
    this.#chains = new ChainDirectory(directory, maker);
    this.#unpack = unpack;
  }

  async prepare(layers: readonly Layer[], call: Call): Promise<ActiveSnapshot> {
    this.#chains.sweepAbandoned();
    const { lowers, names } = await this.#lowersOf(layers, call);
    return new OverlaySnapshot(this.#chains, lowers, names);
  }

  async view(layers: readonly Layer[], call: Call): Promise<View> {
    const { lowers, names } = await this.#lowersOf(layers, call);
    await this.#chains.verify(names);
    return { lowers, async [Symbol.asyncDispose]() {} };
  }

  usage(): Iterable<UnpackedChain> {
    return this.#chains.usage();
  }

  async isSound(chain: ChainId): Promise<boolean> {
    return this.#chains.isSound(chain);
  }

  async forget(chain: ChainId): Promise<void> {
    return this.#chains.forget(chain);
  }

  async prune(keep: (chain: ChainId) => boolean, patienceMs: number): Promise<number> {
    return pruneChains(this.#chains, keep, patienceMs);
  }

  /** The unpacked layers, topmost first, and what they are called; an image without layers stands on an empty directory. */
  async #lowersOf(layers: readonly Layer[], call: Call): Promise<{ lowers: Stack; names: readonly ChainId[] }> {
    const placed = placedLayers(layers);
    const merged = placed.slice(0, countToMerge(placed.length));
    const names = merged.length === 0 ? [] : [await this.#merge(merged, call)];
    let lowers: Stack = names.map((name) => this.#chains.short(name));
    for (const { layer, chain } of placed.slice(merged.length)) {
      throwIfCancelled(call.signal);
      const below = lowers;
      await this.#ensure(chain, (directory) => this.#unpack(layer, { directory, whiteouts: 'overlay', below }, call));
      names.push(chain);
      lowers = [this.#chains.short(chain), ...lowers];
    }
    for (const name of names) this.#chains.markUsed(name);
    return { lowers: lowers.length === 0 ? [this.#chains.empty] : lowers, names };
  }

  /** The lowest layers of a chain, one over the other in one directory. */
  async #merge(placed: readonly PlacedLayer[], call: Call): Promise<ChainId> {
    const name = mergedName(placed);
    await this.#ensure(name, async (directory) => {
      for (const { layer } of placed) {
        throwIfCancelled(call.signal);
        await this.#unpack(layer, { directory, whiteouts: 'delete', below: [] }, call);
      }
    });
    return name;
  }

  async #ensure(chain: ChainId, fill: (directory: string) => Promise<void>): Promise<void> {
    if (this.#chains.has(chain)) return;
    const running = this.#unpacking.get(chain) ?? this.#make(chain, fill);
    this.#unpacking.set(chain, running);
    await running;
  }

  async #make(chain: ChainId, fill: (directory: string) => Promise<void>): Promise<void> {
    const made = this.#chains.create();
    try {
      await fill(join(made, 'fs'));
      await this.#chains.adopt(made, chain);
    } catch (error) {
      await this.#chains.discard(made);
      throw error;
    } finally {
      this.#unpacking.delete(chain);
    }
  }
}

class OverlaySnapshot implements ActiveSnapshot {
  readonly rootfs: ActiveSnapshot['rootfs'] & { readonly kind: 'overlay' };
  readonly #chains: ChainDirectory;
  readonly #made: string;
  readonly #below: readonly ChainId[];

  constructor(chains: ChainDirectory, lowers: Stack, below: readonly ChainId[]) {
    this.#chains = chains;
    this.#below = below;
    this.#made = chains.create();
    const upper = join(this.#made, 'fs');
    const work = join(this.#made, 'work');
    mkdirSync(work, { mode: 0o700 });
    this.rootfs = { kind: 'overlay', lowers, upper, work };
  }

  verified(): Promise<void> {
    return this.#chains.verify(this.#below);
  }

  changes({ exclude }: { readonly exclude: ReadonlySet<string> }): ReturnType<ActiveSnapshot['changes']> {
    return overlayChanges({ upper: this.rootfs.upper, lowers: this.rootfs.lowers, exclude });
  }

  async commit(chain: ChainId): Promise<void> {
    await this.#chains.adopt(this.#made, chain);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chains.discard(this.#made);
  }
}
