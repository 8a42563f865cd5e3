/** What the executor works with, as small roles: every part of it says which of them it needs, and a test gives it no more. */
import type { Duplex } from 'node:stream';
import type { Cache } from '../cache/index.ts';
import type { BlobSink, FileTree } from '../content/index.ts';
import type { BuildContext } from '../context/index.ts';
import type { LayerIndex } from '../layer/index.ts';
import type { Layer, ResolvedImage } from '../oci/index.ts';
import type { FileSource, Stage } from '../plan/index.ts';
import type { Ulimit } from '../process/index.ts';
import type { Call } from '../progress.ts';
import type { Sandbox } from '../sandbox/index.ts';
import type { Maker, Snapshotter } from '../snapshot/index.ts';
import type { Chain } from './chain.ts';

export interface LayerTrees {
  /** Keeps the listing of a layer that was just written. */
  remember(layer: Layer, index: LayerIndex): void;
  /** True if two layers of the store are the same but for the times in them. */
  sameButTimes(one: Layer, other: Layer, call: Call): Promise<boolean>;
}

/** A file or directory from elsewhere, ready to be copied, with what names its content in a key. */
export interface FetchedSource extends AsyncDisposable {
  readonly tree: FileTree;
  /** What to copy: `''` for a whole tree. */
  readonly path: string;
  /** Name of the file inside an existing directory. */
  readonly name: string;
  /** Commit id, or digest of the bytes. */
  readonly identity: string;
  /** Seconds since 1970: of the commit, or as the server says; 0 if nobody knows. */
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

/** An ssh agent that answers somewhere: on a socket of this machine, or at the other end of a session. */
export interface SshAgent {
  /** A connection of its own to the agent; whoever asked for it destroys it. Faults come as its `error`. */
  connect(): Duplex;
}

/**
 * What RUN may be given from outside the build. It is asked for when a step needs it and never before, because it may come from
 * somebody at the other end of a network. Nobody below this port writes a value to a disk.
 */
export interface StepSecrets {
  /** The bytes of a secret, or undefined if the build was not given it. Throws `usage`, `limit`, `cancelled`. */
  secret(id: string, call: Pick<Call, 'signal'>): Promise<Uint8Array | undefined>;
  /** The agent behind an id, or undefined if the build was not given it. Throws `usage`, `cancelled`. */
  sshAgent(id: string, call: Pick<Call, 'signal'>): Promise<SshAgent | undefined>;
}

export interface StepSettings {
  readonly network: 'default' | 'none' | 'host';
  readonly hosts: string;
  readonly resolvConf: string | undefined;
  readonly hostname: string;
  readonly shmSize: number;
  readonly ulimits: readonly Ulimit[];
  /** `--ca`: certificates (DER) that steps trust besides those of their root filesystem; outside key and config. */
  readonly authorities: readonly Buffer[];
}

/** Holds a lock that lives in a folder, against other processes too; undefined if it is not to be had in time. */
export type TryLock = (folder: string, waitMs: number) => Promise<AsyncDisposable | undefined>;

/** Results of earlier builds, and whether they may be used. */
export interface StepCache {
  readonly cache: Cache;
  /** True if the bytes of this layer are in the store: a record without them is no hit. */
  readonly hasLayer: (layer: Layer) => Promise<boolean>;
  /** True if the steps of this stage must not be looked up in the cache. */
  readonly skipsCache: (stage: Stage) => boolean;
  /** Distinguishes this build's places in build files from others': part of the slot a miss is explained by. */
  readonly slotScope: string;
}

/** Where layers that steps make are written, with their listings. */
export interface LayerOutput {
  readonly blobs: BlobSink;
  readonly trees: LayerTrees;
}

/** What is in a chain of layers, without anything being unpacked. */
export interface ChainTrees {
  /** The merged view of a chain; the empty tree for the empty chain. */
  readonly treeOf: (chain: Chain, call: Call) => Promise<FileTree>;
}

/** The bytes of layers: got from where they are, and extracted. */
export interface LayerBytes {
  /** Fetches layers of an image that are not in the store yet. */
  readonly ensureLayers: (image: ResolvedImage, call: Call) => Promise<void>;
  /** Extracts a layer into an empty directory. */
  readonly unpack: (layer: Layer, directory: string, call: Call) => Promise<void>;
}

/** What only RUN needs. It comes by function, so that a build without a RUN that has to run opens none of it. */
export interface Isolation {
  readonly snapshotter: () => Promise<Snapshotter>;
  readonly sandbox: () => Promise<Sandbox>;
}

/** Build contexts, opened when they are asked for. */
export interface ContextAccess {
  /** The main context has the name ''. */
  readonly context: (name: string) => Promise<BuildContext>;
  /** What to say of a path that is not in a source. */
  readonly describeMissing: (
    source: FileSource,
    path: string,
  ) => Promise<{ message: string; hint: string | undefined }>;
}

/** Sources of ADD from the network. */
export interface RemoteAccess {
  readonly remote: RemoteSources;
}

/** What every RUN is given beside its root filesystem. */
export interface StepInputs {
  readonly secrets: StepSecrets;
  readonly settings: StepSettings;
}

export interface Clock {
  /** RFC 3339, for the `created` of steps that run now. */
  readonly now: () => string;
}

/** Where files of running steps are, and what is known of who left some there. */
export interface StepFolders {
  /** On the store's filesystem. */
  readonly scratch: string;
  readonly maker: Maker;
}

/** Where the whole output of each step is kept. */
export interface StepLogs {
  readonly logs: string;
}

/** Where cache mounts are, and how they are held. */
export interface CacheMounts {
  readonly mounts: string;
  readonly tryLock: TryLock;
}

/** All of it. */
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
