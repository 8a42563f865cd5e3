/**
 * PORT. Root filesystems for steps that must run (only RUN needs one) and what a step changed in them.
 * Backends: overlay.ts, native.ts.
 *
 * A snapshot is active while a step writes to it, and committed once it is kept under the name of its chain (a chainId): then it is
 * read by all chains above and never written again. Unpacked chains are a copy of what the store has, so any of them may go at any
 * time that no build runs. One step:
 *
 *     await using active = await snapshotter.prepare(layersBelow, call);   // unpacks what is missing, each layer once
 *     await runIn(active.rootfs);                                          // the sandbox mounts it
 *     await active.verifyBase();                                             // nobody touched what lies below
 *     const layer = await writeLayer(active.changes({ exclude: mountPoints }));
 *     await active.commit(chainIdOf(below, layer.diffId));                 // by rename; the next step stands on it
 *
 * Without `commit` disposing removes what the step wrote; after it, disposing does nothing. Preparing the same chain twice at the
 * same time gives two roots on one unpacked chain. What a killed process left is removed by the next `prepare` on this machine.
 * Errors: `integrity` for a chain that was changed since it was unpacked, `cancelled`, and whatever unpacking throws.
 */
import type { Change } from '../layer/index.ts';
import type { ChainId, Layer } from '../oci/index.ts';
import type { Call } from '../progress.ts';

/**
 * What a sandbox mounts as `/`. Overlay directories are absolute here; the sandbox shortens them (mount(2) cuts the option
 * string at 4,096 bytes). `lowers` is topmost first, as in the mount option.
 */
export type Rootfs =
  | { readonly kind: 'overlay'; readonly lowers: readonly string[]; readonly upper: string; readonly work: string }
  | { readonly kind: 'directory'; readonly path: string };

export interface ActiveSnapshot extends AsyncDisposable {
  readonly rootfs: Rootfs;
  /**
   * What the step changed, parents before children, sorted, whiteouts as deletions. `exclude`: paths that the sandbox made
   * as mount points; left out when they are empty or only directories on the way to one.
   */
  changes(options: { readonly exclude: ReadonlySet<string> }): Iterable<Change>;
  /**
   * Resolves when what lies below is known to be what was unpacked. It can be waited for while the step runs, but before anything
   * of it is kept. Throws `integrity`, with the chain as a suspect.
   */
  verifyBase(): Promise<void>;
  /** Keeps the upper directory as the unpacked form of this chain, by rename. Idempotent if the chain is there already. */
  commit(chain: ChainId): Promise<void>;
}

/** A read-only view of a chain, verified, for `RUN --mount=from=…`: directories topmost first. */
export interface View extends AsyncDisposable {
  readonly lowers: readonly string[];
}

/** Who makes something, and whether the maker behind a name still lives (the store knows both). */
export interface Maker {
  readonly name: string;
  readonly livenessOf: (name: string) => 'alive' | 'dead' | 'unknown';
}

export interface UnpackedChain {
  readonly chain: ChainId;
  /** What it takes on the disk. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

export interface Snapshotter {
  readonly name: string;
  /** A writable root on top of a chain (lowest layer first). Unpacks what is not unpacked yet, each layer once. */
  prepare(layers: readonly Layer[], call: Call): Promise<ActiveSnapshot>;
  view(layers: readonly Layer[], call: Call): Promise<View>;
  /** The chains that are unpacked. */
  usage(): Iterable<UnpackedChain>;
  /** Looks at all that is unpacked of a chain; false if it was changed since. */
  isSound(chain: ChainId): Promise<boolean>;
  /** Takes an unpacked chain out of use; it is unpacked anew when it is needed. */
  forget(chain: ChainId): Promise<void>;
  /**
   * Removes unpacked chains that `keep` does not want and the leftovers of killed builds; what takes longer than `patienceMs` goes
   * on by itself. Returns bytes freed.
   */
  prune(keep: (chain: ChainId) => boolean, patienceMs: number): Promise<number>;
}
