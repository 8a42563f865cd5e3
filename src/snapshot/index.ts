/**
 * PORT. Root filesystems for RUN steps, and the changes that a step makes in them.
 * Backends: overlay.ts, native.ts.
 *
 * A snapshot is active while a step writes to it. It is committed when it is stored under its chainId: then all chains above read it,
 * and it is never written again. Unpacked chains are copies of layers in the store, so they may be removed whenever no build runs.
 * One step:
 *
 *     await using active = await snapshotter.prepare(layersBelow, call);   // unpacks what is missing, each layer once
 *     await runIn(active.rootfs);                                          // the sandbox mounts it
 *     await active.verifyBase();                                           // the layers below were not changed
 *     const layer = await writeLayer(active.changes({ exclude: mountPoints }));
 *     await active.commit(chainIdOf(below, layer.diffId));                 // by rename; the next step stands on it
 *
 * Dispose removes the files of the step, unless they were committed. Two concurrent `prepare` calls for one chain give two roots on one
 * unpacked chain. The next `prepare` on this machine removes leftovers of killed processes.
 * Errors: `integrity` for a chain that was changed after it was unpacked, `cancelled`, and all errors of unpacking.
 */
import type { Change } from '../layer/index.ts';
import type { ChainId, Layer } from '../oci/index.ts';
import type { Call } from '../progress.ts';

/**
 * The root filesystem that a sandbox mounts as `/`. Overlay directories are absolute here; the sandbox shortens them, because mount(2)
 * truncates the option string at 4,096 bytes. `lowers` is topmost first, as in the mount option.
 */
export type Rootfs =
  | { readonly kind: 'overlay'; readonly lowers: readonly string[]; readonly upper: string; readonly work: string }
  | { readonly kind: 'directory'; readonly path: string };

export interface ActiveSnapshot extends AsyncDisposable {
  readonly rootfs: Rootfs;
  /**
   * The changes of the step, sorted, parents before children, whiteouts as deletions. `exclude`: mount points that the sandbox
   * created; they are omitted if they are empty, and so are parent directories that only contain them.
   */
  changes(options: { readonly exclude: ReadonlySet<string> }): Iterable<Change>;
  /**
   * Verifies that the chains below were not changed after they were unpacked. May run at the same time as the step, but must be
   * finished before `commit`. Throws `integrity` with the chain as a suspect.
   */
  verifyBase(): Promise<void>;
  /** Stores the upper directory as the unpacked form of this chain, by rename. Called once; a chain that is stored already stays as it is. */
  commit(chain: ChainId): Promise<void>;
}

/** A read-only view of a chain, verified, for `RUN --mount=from=…`: directories topmost first. */
export interface View extends AsyncDisposable {
  readonly lowers: readonly string[];
}

/** The owner name of this process, and a check if the process of another name still runs (the store provides both). */
export interface Maker {
  readonly name: string;
  readonly livenessOf: (name: string) => 'alive' | 'dead' | 'unknown';
}

export interface UnpackedChain {
  readonly chain: ChainId;
  /** Disk usage. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

export interface Snapshotter {
  readonly name: string;
  /** A writable root on top of a chain (lowest layer first). Unpacks what is not unpacked yet, each layer once. */
  prepare(layers: readonly Layer[], call: Call): Promise<ActiveSnapshot>;
  view(layers: readonly Layer[], call: Call): Promise<View>;
  /** The changes in a root that `rootfs` describes, as `ActiveSnapshot.changes`. Nothing may write to it meanwhile. Throws `unsupported`. */
  changesOf(rootfs: Rootfs, options: { readonly exclude: ReadonlySet<string> }): Iterable<Change>;
  /** The chains that are unpacked. */
  usage(): Iterable<UnpackedChain>;
  /** Checks all files of an unpacked chain; false if one was changed. */
  isSound(chain: ChainId): Promise<boolean>;
  /** Removes an unpacked chain. It is unpacked again when it is needed. */
  forget(chain: ChainId): Promise<void>;
  /**
   * Removes unpacked chains for which `keep` returns false, and leftovers of killed builds. Waits at most `patienceMs`; after that the
   * removal continues in the background. Returns the freed bytes.
   */
  prune(keep: (chain: ChainId) => boolean, patienceMs: number): Promise<number>;
}
