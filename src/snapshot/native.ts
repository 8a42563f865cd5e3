import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { throwIfCancelled } from '../errors.ts';
import type { Change } from '../layer/index.ts';
import { type ChainId, chainIdOfAll, EMPTY_CHAIN, type Layer } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { ChainDirectory, resetRoot } from './chain-directory.ts';
import type { ActiveSnapshot, Snapshotter, UnpackedChain, View } from './index.ts';
import { placedLayers } from './lower-layers.ts';
import { changesSince, type Manifest, takeManifest } from './manifest.ts';
import type { SnapshotterOptions } from './overlay.ts';
import { pruneChains } from './prune-chains.ts';

/**
 * Snapshots by copying, for where overlayfs cannot be had (a store that itself lies on an overlay): slow, but needing
 * nothing. A chain is one whole directory tree; a step gets a copy, and its changes are found by comparing with a listing.
 */
export class NativeSnapshotter implements Snapshotter {
  readonly name = 'native';
  readonly #chains: ChainDirectory;
  readonly #unpack: SnapshotterOptions['unpack'];
  readonly #unpacking = new Map<ChainId, Promise<void>>();

  constructor({ directory, maker, unpack }: SnapshotterOptions) {
    this.#chains = new ChainDirectory(directory, maker);
    this.#unpack = unpack;
  }

  async prepare(layers: readonly Layer[], call: Call): Promise<ActiveSnapshot> {
    this.#chains.sweepAbandoned();
    const whole = await this.#wholeOf(layers, call);
    const made = this.#chains.create();
    await copyTree(whole, join(made, 'fs'), call.signal);
    resetRoot(join(made, 'fs'));
    return new NativeSnapshot(this.#chains, made, whole, chainOf(layers));
  }

  async view(layers: readonly Layer[], call: Call): Promise<View> {
    const whole = await this.#wholeOf(layers, call);
    await this.#chains.verify(belowOf(chainOf(layers)));
    return { lowers: [whole], async [Symbol.asyncDispose]() {} };
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

  /** The directory of the whole chain, unpacked on top of the highest part of it that is there. */
  async #wholeOf(layers: readonly Layer[], call: Call): Promise<string> {
    const chain = chainOf(layers);
    if (chain === EMPTY_CHAIN) return this.#chains.empty;
    if (!this.#chains.has(chain)) {
      const running = this.#unpacking.get(chain) ?? this.#build(chain, layers, call);
      this.#unpacking.set(chain, running);
      await running;
    }
    this.#chains.markUsed(chain);
    return this.#chains.short(chain);
  }

  async #build(chain: ChainId, layers: readonly Layer[], call: Call): Promise<void> {
    const made = this.#chains.create();
    const directory = join(made, 'fs');
    try {
      const placed = placedLayers(layers);
      const there = placed.findLastIndex((each) => this.#chains.has(each.chain));
      if (there >= 0) await copyTree(this.#chains.short(placed[there]!.chain), directory, call.signal);
      for (const { layer } of placed.slice(there + 1)) {
        throwIfCancelled(call.signal);
        await this.#unpack(layer, { directory, whiteouts: 'delete', below: [] }, call);
      }
      await this.#chains.adopt(made, chain);
    } catch (error) {
      await this.#chains.discard(made);
      throw error;
    } finally {
      this.#unpacking.delete(chain);
    }
  }
}

class NativeSnapshot implements ActiveSnapshot {
  readonly rootfs: ActiveSnapshot['rootfs'] & { readonly kind: 'directory' };
  readonly #chains: ChainDirectory;
  readonly #made: string;
  readonly #origin: string;
  readonly #below: ChainId;
  readonly #before: Manifest;

  constructor(chains: ChainDirectory, made: string, origin: string, below: ChainId) {
    this.#chains = chains;
    this.#below = below;
    this.#made = made;
    this.#origin = origin;
    this.rootfs = { kind: 'directory', path: join(made, 'fs') };
    this.#before = takeManifest(this.rootfs.path);
  }

  verified(): Promise<void> {
    return this.#chains.verify(belowOf(this.#below));
  }

  changes({ exclude }: { readonly exclude: ReadonlySet<string> }): Iterable<Change> {
    return changesSince(this.#before, this.rootfs.path, { origin: this.#origin, exclude });
  }

  async commit(chain: ChainId): Promise<void> {
    await this.#chains.adopt(this.#made, chain);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chains.discard(this.#made);
  }
}

function chainOf(layers: readonly Layer[]): ChainId {
  return chainIdOfAll(layers.map(({ diffId }) => diffId));
}

function belowOf(chain: ChainId): readonly ChainId[] {
  return chain === EMPTY_CHAIN ? [] : [chain];
}

/** Copies all that a directory holds, with owners, times, links, devices and attributes. */
async function copyTree(from: string, to: string, signal: AbortSignal): Promise<void> {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
  await promisify(execFile)('cp', ['-a', '--reflink=auto', `${from}/.`, to], { env, signal });
}
