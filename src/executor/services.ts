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

/** What RUN may be given from outside the build. */
export interface StepSecrets {
  /** The bytes of a secret, or undefined if the build was not given it. */
  secret(id: string): Uint8Array | undefined;
  /** Path of the agent socket behind an id, or undefined. */
  sshSocket(id: string): string | undefined;
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

/** Everything the executor works with. Heavy things come by function, so that a cached build never opens them. */
export interface ExecutorServices {
  readonly cache: Cache;
  readonly blobs: BlobSink;
  readonly trees: LayerTrees;
  /** The merged view of a chain; the empty tree for the empty chain. */
  readonly treeOf: (chain: Chain, call: Call) => Promise<FileTree>;
  readonly snapshotter: () => Promise<Snapshotter>;
  readonly sandbox: () => Promise<Sandbox>;
  /** The main context has the name ''. */
  readonly context: (name: string) => Promise<BuildContext>;
  readonly remote: RemoteSources;
  /** Fetches layers of an image that are not in the store yet. */
  readonly ensureLayers: (image: ResolvedImage, call: Call) => Promise<void>;
  /** Extracts a layer into an empty directory. */
  readonly unpack: (layer: Layer, directory: string, call: Call) => Promise<void>;
  /** True if the bytes of this layer are in the store. */
  readonly hasLayer: (layer: Layer) => Promise<boolean>;
  readonly secrets: StepSecrets;
  readonly settings: StepSettings;
  /** True if this step's stage must not be looked up in the cache. */
  readonly skipsCache: (stage: Stage) => boolean;
  /** RFC 3339, for the `created` of steps that run now. */
  readonly now: () => string;
  /** Folder for files of running steps, on the store's filesystem. */
  readonly scratch: string;
  /** Folder of the cache mounts. */
  readonly mounts: string;
  readonly tryLock: TryLock;
  readonly maker: Maker;
  /** Folder of the step logs. */
  readonly logs: string;
  /** Distinguishes this build's places in build files from others': part of the slot a miss is explained by. */
  readonly slotScope: string;
  readonly describeMissing: (
    source: FileSource,
    path: string,
  ) => Promise<{ message: string; hint: string | undefined }>;
}
