/** `mkimage`: builds and keeps images as the command line does, in the process of the caller. */
import { resolve } from 'node:path';
import type {
  BuildResult,
  DiskUsage,
  HistoryLine,
  HistoryRequest,
  ImageDetails,
  ImageSummary,
  ImagesRequest,
  InspectRequest,
  LoadedImage,
  LoadRequest,
  PruneRequest,
  PruneResult,
  RemoveRequest,
  RemoveResult,
  SaveRequest,
  TagRequest,
  TagResult,
} from '../api/index.ts';
import type { EngineCall } from '../engine/call.ts';
import { readConfig } from '../engine/config.ts';
import { openServices } from '../engine/services.ts';
import { parseWantedPlatform } from '../oci/index.ts';
import { createQuietCall } from '../progress.ts';
import {
  type BuildInput,
  type CallOptions,
  completeBuildRequest,
  type EngineOptions,
  type PulledImage,
  type PullInput,
} from './engine-requests.ts';

/** Calls may run at the same time, also from other processes on the same store. All of them throw `MkimageError`. */
export interface Engine extends AsyncDisposable {
  /** Throws `build-file`, `base-unavailable`, `source-missing`, `step-failed`, `sandbox`, `usage`, `not-found`, `cancelled` and what `pull` does. */
  readonly build: (input: BuildInput, options?: CallOptions) => Promise<BuildResult>;
  /** Fetches an image from its registry. Throws `not-found`, `registry`, `network`, `integrity`, `limit`. */
  readonly pull: (request: PullInput, options?: CallOptions) => Promise<PulledImage>;
  /** Images of the store, the newest first. */
  readonly images: (request?: ImagesRequest) => Promise<readonly ImageSummary[]>;
  /** In the form of `docker image inspect`. Throws `not-found`. */
  readonly inspect: (request: InspectRequest) => Promise<readonly ImageDetails[]>;
  /** How an image came to be, the newest step first. Throws `not-found`. */
  readonly history: (request: HistoryRequest) => Promise<readonly HistoryLine[]>;
  /** Gives an image more names, and answers with these in full. Throws `not-found`, `invalid-reference`. */
  readonly tag: (request: TagRequest) => Promise<TagResult>;
  /** Removes names, and images with their last name. Throws `not-found`, `in-use`. */
  readonly rmi: (request: Pick<RemoveRequest, 'images'> & Partial<RemoveRequest>) => Promise<RemoveResult>;
  /** Takes in the images of an archive or layout. Throws `not-found`, `invalid-archive`, `integrity`, `limit`. */
  readonly load: (request: LoadRequest, options?: CallOptions) => Promise<readonly LoadedImage[]>;
  /** Writes images into one archive that is an OCI layout and a docker-archive. Throws `not-found`, `usage`, `store`. */
  readonly save: (request: SaveRequest, options?: CallOptions) => Promise<void>;
  /** Removes what nothing needs. Throws `in-use` while a build runs. */
  readonly prune: (request?: Partial<PruneRequest>) => Promise<PruneResult>;
  /** What the store takes of the disk, and what of it `prune` would give back. */
  readonly du: () => Promise<DiskUsage>;
}

/**
 * Opens the store and what works on it; nothing runs and no lock is held between calls. Dispose of it (`await using`) to close
 * connections. Throws `usage` for settings that cannot be read, `store` for a folder that is not ours alone.
 */
export function openEngine({ root, env, cwd = process.cwd() }: EngineOptions = {}): Engine {
  const settings = readConfig(env);
  const config = root === undefined ? settings : { ...settings, root: resolve(cwd, root) };
  const services = openServices(config);
  const callOf = (options: CallOptions = {}): EngineCall => ({
    ...createQuietCall(),
    cwd,
    env: config.environment,
    ...options,
  });
  return {
    build: async (input, options) => {
      const { build } = await import('../engine/build/build.ts');
      return build(services, completeBuildRequest(input), callOf(options));
    },
    pull: async ({ image, platform }, options) => {
      const { pullImage } = await import('../engine/images/pull.ts');
      const wanted = platform === undefined ? undefined : parseWantedPlatform(platform);
      const { reference, manifest } = await pullImage(services, { image, platform: wanted }, callOf(options));
      return { reference, manifest };
    },
    images: async (request = {}) => (await import('../engine/images/images.ts')).listImages(services, request),
    inspect: async (request) => (await import('../engine/images/inspect.ts')).inspectImages(services, request),
    history: async (request) => (await import('../engine/images/history.ts')).imageHistory(services, request),
    tag: async (request) => (await import('../engine/images/tag.ts')).tagImage(services, request),
    rmi: async (request) =>
      (await import('../engine/images/rmi.ts')).removeImages(services, { force: false, ...request }),
    load: async (request, options) =>
      (await import('../engine/images/load.ts')).loadImages(services, request, callOf(options)),
    save: async (request, options) =>
      (await import('../engine/images/save.ts')).saveImages(services, request, callOf(options)),
    prune: async (request = {}) =>
      (await import('../engine/state/prune.ts')).pruneStore(services, { all: false, ...request }),
    du: async () => (await import('../engine/state/du.ts')).diskUsage(services),
    [Symbol.asyncDispose]: () => services[Symbol.asyncDispose](),
  };
}
