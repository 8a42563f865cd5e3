/** Caches outside the store (`--cache-from`, `--cache-to`): results of steps for other machines. */
import type { Compression, Digest } from '../oci/index.ts';

/** `registry`: a repository. A name of an image means its inline cache, or the cache under that name. */
export interface RegistryCache {
  readonly type: 'registry';
  /** Normalized. */
  readonly ref: string;
  readonly insecure: boolean;
}

/** `local`: a folder, relative to the caller's working directory. */
export interface FolderCache {
  readonly type: 'local';
  readonly directory: string;
  readonly tag: string;
  /** Only for reading: the manifest, whatever its tag. */
  readonly digest?: Digest;
}

/** `inline`: inside the image. Only for writing. */
export interface InlineCache {
  readonly type: 'inline';
}

/** `s3`: a bucket. Settings that are undefined come from the caller's `AWS_…` variables and files. */
export interface BucketCache {
  readonly type: 's3';
  readonly bucket: string | undefined;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  /** The bucket is part of the path, not of the host. */
  readonly usePathStyle: boolean;
  readonly blobsPrefix: string;
  readonly manifestsPrefix: string;
  /** Several names write the same cache; the first one is read. */
  readonly names: readonly string[];
  readonly credentials: BucketCredentials | undefined;
}

export interface BucketCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** `gha`: the cache service of GitHub Actions. What is undefined comes from the caller's `ACTIONS_…` variables. */
export interface ActionsCache {
  readonly type: 'gha';
  readonly url: string | undefined;
  readonly urlV2: string | undefined;
  readonly token: string | undefined;
  readonly version: 1 | 2 | undefined;
  readonly scope: string;
}

export type CacheLocation = RegistryCache | FolderCache | BucketCache | ActionsCache;

export interface CacheSource {
  readonly location: CacheLocation;
  /** Milliseconds for reading the records; undefined: the default. */
  readonly timeoutMs: number | undefined;
}

export interface CacheTarget {
  readonly location: CacheLocation | InlineCache;
  /** `min`: the steps of the target's own layers. `max`: all steps that were built. */
  readonly mode: 'min' | 'max';
  readonly compression: Compression;
  readonly level: number | undefined;
  readonly ociTypes: boolean;
  /** false: a cache that cannot be written is an error. true: not even a warning. undefined: a warning. */
  readonly ignoreError: boolean | undefined;
  /** Cache mounts whose files are written too, by their ids. */
  readonly mounts: 'all' | readonly string[];
  /** Bytes: a mount with more is left out; undefined: the default. */
  readonly mountsSize: number | undefined;
  /** Milliseconds for writing everything; undefined: the default. */
  readonly timeoutMs: number | undefined;
}
