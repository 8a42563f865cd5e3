/** The common part of all snapshotters: unpacks each chain once into a directory, and prepares the roots of steps. */
import { join } from 'node:path';
import { MkimageError } from '../errors.ts';
import type { Stack } from '../host/index.ts';
import type { Change } from '../layer/index.ts';
import type { ChainId, Layer } from '../oci/index.ts';
import type { Call, Log } from '../progress.ts';
import { ChainDirectory } from './chain-directory.ts';
import type { ActiveSnapshot, Maker, Rootfs, Snapshotter, UnpackedChain, View } from './index.ts';
import { pruneChains } from './prune-chains.ts';

export interface SnapshotterOptions {
  /** `<root>/snapshots-v1/<snapshotter>`; created if missing. */
  readonly directory: string;
  readonly maker: Maker;
  /** Writes a layer's files into a directory, over existing files. */
  readonly unpack: (layer: Layer, target: UnpackTarget, call: Call) => Promise<void>;
  readonly log?: Log | undefined;
  /** Chains that `prune` never removes: containers stand on them. */
  readonly held?: () => ReadonlySet<ChainId>;
}

export interface UnpackTarget {
  readonly directory: string;
  /** How a whiteout is applied: as a mark of overlayfs, or by deleting the hidden object. */
  readonly whiteouts: 'overlay' | 'delete';
  /** The lower directories, topmost first. Missing parents get their attributes from there. */
  readonly below: Stack;
}

export abstract class ChainSnapshotter implements Snapshotter {
  abstract readonly name: string;
  protected readonly chains: ChainDirectory;
  protected readonly unpack: SnapshotterOptions['unpack'];
  readonly #log: Log | undefined;
  readonly #held: () => ReadonlySet<ChainId>;
  readonly #unpacking = new Map<ChainId, Promise<void>>();

  constructor({ directory, maker, unpack, log, held = () => new Set() }: SnapshotterOptions) {
    this.#log = log;
    this.#held = held;
    this.chains = new ChainDirectory(directory, maker);
    this.unpack = unpack;
  }

  abstract prepare(layers: readonly Layer[], call: Call): Promise<ActiveSnapshot>;
  changesOf(_rootfs: Rootfs, _options: { readonly exclude: ReadonlySet<string> }): Iterable<Change> {
    return refuseChanges();
  }

  abstract view(layers: readonly Layer[], call: Call): Promise<View>;

  usage(): Iterable<UnpackedChain> {
    return this.chains.usage();
  }

  async isSound(chain: ChainId): Promise<boolean> {
    return this.chains.isSound(chain);
  }

  async forget(chain: ChainId): Promise<void> {
    return this.chains.forget(chain);
  }

  async prune(keep: (chain: ChainId) => boolean, patienceMs: number): Promise<number> {
    const held = this.#held();
    return pruneChains(this.chains, (chain) => held.has(chain) || keep(chain), patienceMs);
  }

  /** Unpacks a chain once, also for concurrent calls. `fill` gets an empty directory, which is removed if `fill` fails. */
  protected async ensure(chain: ChainId, fill: (directory: string) => Promise<void>): Promise<void> {
    if (this.chains.has(chain)) return;
    const running = this.#unpacking.get(chain) ?? this.#make(chain, fill);
    this.#unpacking.set(chain, running);
    await running;
  }

  async #make(chain: ChainId, fill: (directory: string) => Promise<void>): Promise<void> {
    const made = this.chains.create();
    const begun = performance.now();
    try {
      await fill(join(made, 'fs'));
      await this.chains.adopt(made, chain);
      this.#log?.debug('sandbox', 'layers unpacked', { chain, ms: Math.round(performance.now() - begun) });
    } catch (error) {
      await this.chains.discard(made);
      throw error;
    } finally {
      this.#unpacking.delete(chain);
    }
  }
}

/** The writable root of a running step. */
export abstract class ChainSnapshot implements ActiveSnapshot {
  abstract readonly rootfs: Rootfs;
  readonly #chains: ChainDirectory;
  readonly #made: string;
  readonly #below: readonly ChainId[];

  /** `made`: from `ChainDirectory.create`; `below`: the chains below it. */
  constructor(chains: ChainDirectory, made: string, below: readonly ChainId[]) {
    this.#chains = chains;
    this.#made = made;
    this.#below = below;
  }

  abstract changes(options: { readonly exclude: ReadonlySet<string> }): Iterable<Change>;

  verifyBase(): Promise<void> {
    return this.#chains.verify(this.#below);
  }

  async commit(chain: ChainId): Promise<void> {
    await this.#chains.adopt(this.#made, chain);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chains.discard(this.#made);
  }
}

export function refuseChanges(): never {
  throw new MkimageError(
    'unsupported',
    'read changes of a container: the store is not on a file system with overlayfs',
    {
      hint: 'put the store on another file system, see MKIMAGE_ROOT',
    },
  );
}
