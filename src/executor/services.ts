/** What the executor needs, as small roles. Every part names the roles it needs, and a test provides only those. */
import type { Duplex } from 'node:stream';
import type { Cache, CacheKey, CacheRecord } from '../cache/index.ts';
import type { BlobSink, FileTree } from '../content/index.ts';
import type { BuildContext } from '../context/index.ts';
import type { LayerIndex } from '../layer/index.ts';
import type { Digest, Layer, ResolvedImage } from '../oci/index.ts';
import type { FileSource, Stage, StageId, Step } from '../plan/index.ts';
import type { Ulimit } from '../process/index.ts';
import type { Call } from '../progress.ts';
import type { Sandbox } from '../sandbox/index.ts';
import type { Maker, Snapshotter } from '../snapshot/index.ts';
import type { Chain } from './chain.ts';

export interface LayerTrees {
  /** Stores the listing of a layer that was just written. */
  remember(layer: Layer, index: LayerIndex): void;
  /** Returns true if two layers of the store are equal except for the times in them. */
  sameButTimes(one: Layer, other: Layer, call: Call): Promise<boolean>;
}

/** A fetched file or directory, ready to be copied, with the identity of its content for a cache key. */
export interface FetchedSource extends AsyncDisposable {
  readonly tree: FileTree;
  /** What to copy: `''` for a whole tree. */
  readonly path: string;
  /** Name of the file inside an existing directory. */
  readonly name: string;
  /** Commit id, or digest of the bytes. */
  readonly identity: string;
  /** Seconds since 1970: the time of the commit or of the server's answer; 0 if unknown. */
  readonly modified?: number | undefined;
}

export interface RemoteSources {
  http(url: string, checksum: string | undefined, call: Call): Promise<FetchedSource>;
  git(
    url: string,
    options: { readonly keepGitDir: boolean; readonly checksum: string | undefined },
    call: Call,
  ): Promise<FetchedSource>;
}

/** An ssh agent: on a socket of this machine, or at the other end of a session. */
export interface SshAgent {
  /** Opens a new connection to the agent; the caller destroys it. Faults are reported by its `error` event. */
  connect(): Duplex;
}

/**
 * Secrets and agents from outside the build. They are requested only when a step needs them, because they may come
 * over a network. Code below this port never writes a value to disk.
 */
export interface StepSecrets {
  /**
   * Returns the bytes of a secret, or undefined if the build was not given it. Throws `usage`, `limit`, `cancelled`.
   */
  secret(id: string, call: Pick<Call, 'signal'>): Promise<Uint8Array | undefined>;
  /** Returns the agent with an id, or undefined if the build was not given it. Throws `usage`, `cancelled`. */
  sshAgent(id: string, call: Pick<Call, 'signal'>): Promise<SshAgent | undefined>;
}

export interface StepSettings {
  readonly network: 'default' | 'none' | 'host';
  readonly hosts: string;
  readonly resolvConf: string | undefined;
  readonly hostname: string;
  readonly shmSize: number;
  readonly ulimits: readonly Ulimit[];
  /**
   * `--ca`: certificates (DER) that steps trust in addition to those of their root filesystem. They are not part of
   * the cache key or the config.
   */
  readonly authorities: readonly Buffer[];
}

/** Takes a lock in a folder, also against other processes. Returns undefined if it is still taken after `waitMs`. */
export type TryLock = (folder: string, waitMs: number) => Promise<AsyncDisposable | undefined>;

/** Results of earlier builds, and whether they may be used. */
export interface StepCache {
  readonly cache: Cache;
  /** Returns true if the bytes of this layer are in the store: a record without them is not a hit. */
  readonly hasLayer: (layer: Layer) => Promise<boolean>;
  /** Returns true if the steps of this stage must not be looked up in the cache. */
  readonly skipsCache: (stage: Stage) => boolean;
  /** Called before the work of a step that is not in the cache; prevents it by throwing. */
  readonly beforeWork?: () => void;
  /** Separates places in different build files and for other platforms: part of the slot that explains a miss. */
  readonly slotScope: (stage: Stage) => string;
  /** The same on every machine. */
  readonly placeScope: (stage: Stage) => string;
  /** Brings the layers of a chain here that a step of this kind reads. undefined: there is nothing to do. */
  readonly fetchChain?: ((chain: Chain, kind: Step['kind'], call: Call) => Promise<void> | undefined) | undefined;
  /** Caches of other machines; undefined: there is none. */
  readonly sharedCache?: SharedCache | undefined;
  /** Told of every result, with all keys by which it can be found. */
  readonly journal?: StepJournal | undefined;
  /** Returns true if a miss of this step is an error (`--expect-cached`). */
  readonly expectsHit?: ((stage: Stage, step: Pick<Step, 'name'>) => boolean) | undefined;
}

/** Results of other machines. It never fails: what cannot be read is a miss. */
export interface SharedCache {
  /** Looks up several keys in one round trip. The layer of a hit can be read like one of the store. */
  lookup(keys: readonly CacheKey[], call: Call): Promise<{ record: CacheRecord; from: string } | undefined>;
  /** The last record for the same place in the build file, to explain a miss. */
  previous(place: string, call: Call): Promise<CacheRecord | undefined>;
  readListing(digest: Digest, call: Call): Promise<string | undefined>;
}

/** One result of a step. */
export interface JournalEntry {
  readonly stage: StageId;
  /** The step's place in its build file, the same on every machine. */
  readonly place: string;
  readonly keys: readonly CacheKey[];
  readonly record: CacheRecord;
}

export type StepJournal = (entry: JournalEntry) => void;

/** Where the layers of steps are written, with their listings. */
export interface LayerOutput {
  readonly blobs: BlobSink;
  readonly trees: LayerTrees;
  /** Told of the layers that will be in an image, as soon as each is complete. Must not throw. */
  readonly layerReady?: ((layer: Layer) => void) | undefined;
}

/** The contents of a chain of layers, without unpacking. */
export interface ChainTrees {
  /** The merged view of a chain; the empty tree for the empty chain. */
  readonly treeOf: (chain: Chain, call: Call) => Promise<FileTree>;
}

/** Fetches and extracts layers. */
export interface LayerBytes {
  /** Fetches layers of an image that are not in the store yet. */
  readonly ensureLayers: (image: ResolvedImage, call: Call) => Promise<void>;
  /** Extracts a layer into an empty directory. */
  readonly unpack: (layer: Layer, directory: string, call: Call) => Promise<void>;
}

/** What only RUN needs. It comes as a function, so that a build in which no RUN runs opens none of it. */
export interface Isolation {
  readonly snapshotter: () => Promise<Snapshotter>;
  readonly sandbox: () => Promise<Sandbox>;
}

/** Build contexts, opened on request. */
export interface ContextAccess {
  /** The main context has the name ''. */
  readonly context: (name: string) => Promise<BuildContext>;
  /** Describes a path that is not in a source. */
  readonly describeMissing: (
    source: FileSource,
    path: string,
  ) => Promise<{ message: string; hint: string | undefined }>;
}

/** Sources of ADD from the network. */
export interface RemoteAccess {
  readonly remote: RemoteSources;
}

/** What every RUN gets in addition to its root filesystem. */
export interface StepInputs {
  readonly secrets: StepSecrets;
  readonly settings: StepSettings;
}

export interface Clock {
  /** RFC 3339, for the `created` of steps that run now. */
  readonly now: () => string;
}

/** Folders of running steps, and who made them. */
export interface StepFolders {
  /** On the store's filesystem. */
  readonly scratch: string;
  readonly maker: Maker;
}

/** Where the complete output of each step is stored. */
export interface StepLogs {
  readonly logs: string;
}

/** Where cache mounts are, and how they are locked. */
export interface CacheMounts {
  readonly mounts: string;
  readonly tryLock: TryLock;
  /** Brings the files of a cache mount from another machine into an empty directory. Never fails: returns false. */
  readonly restoreMount?:
    | ((mount: { readonly key: string; readonly id: string }, directory: string, call: Call) => Promise<boolean>)
    | undefined;
}

/** All roles together. */
export interface ExecutorServices
  extends StepCache,
    LayerOutput,
    ChainTrees,
    LayerBytes,
    Isolation,
    ContextAccess,
    RemoteAccess,
    StepInputs,
    Clock,
    StepFolders,
    StepLogs,
    CacheMounts {}
