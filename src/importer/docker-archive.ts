/** `docker save` archives: `manifest.json` lists images as a config file and layer tars (Docker's image-spec v1.2). */

import { sniffCompression } from '../compression/index.ts';
import { MkimageError } from '../errors.ts';
import {
  buildManifest,
  type Descriptor,
  type Digest,
  digestOf,
  MEDIA_TYPE,
  normalizeName,
  parseConfig,
  parseStrictJson,
  toLayerMediaType,
} from '../oci/index.ts';
import type { ArchivedFile, ArchiveFiles } from './archive-files.ts';
import type { ImageSink, ImportedImage } from './imported-image.ts';

interface DockerImage {
  readonly config: string;
  readonly tags: readonly string[];
  readonly layers: readonly string[];
}

/**
 * Reads all images. Layers are stored unchanged, so an image keeps its ID. Throws `invalid-archive`, `integrity`,
 * `unsupported`.
 */
export async function dockerImages(files: ArchiveFiles, sink: ImageSink): Promise<readonly ImportedImage[]> {
  const images: ImportedImage[] = [];
  for (const image of readImageList(files)) images.push(await importImage(image, files, sink));
  return images;
}

/** Names by config digest, for an archive that is also an OCI layout. */
export function repositoryTags(files: ArchiveFiles): ReadonlyMap<string, readonly string[]> {
  return new Map(
    readImageList(files)
      .map(({ config, tags }) => [/([0-9a-f]{64})(\.json)?$/.exec(config)?.[1] ?? config, tags] as const)
      .map(([hex, tags]) => [`sha256:${hex}`, tags]),
  );
}

/** Writes a manifest for a config and layers that are in the sink. */
export function putManifest(sink: ImageSink, config: Uint8Array, layers: readonly Descriptor[]): Descriptor {
  const { descriptor, bytes } = buildManifest({ config: sink.putSmall(MEDIA_TYPE.config, config), layers });
  return sink.putSmall(descriptor.mediaType, bytes);
}

async function importImage(image: DockerImage, files: ArchiveFiles, sink: ImageSink): Promise<ImportedImage> {
  const config = files.read(image.config);
  const diffIds = parseConfig(config).rootfs.diff_ids;
  if (diffIds.length !== image.layers.length) {
    throw broken(`image ${digestOf(config)} has ${diffIds.length} diff_ids for ${image.layers.length} layers`);
  }
  const layers: Descriptor[] = [];
  for (const [i, path] of image.layers.entries()) layers.push(layerOf(await files.store(path), diffIds[i]!, path));
  return { names: image.tags, target: putManifest(sink, config, layers) };
}

/** Plain layers are verified against their diffId here; compressed ones when they are first read (src/layer). */
function layerOf({ digest, size, start }: ArchivedFile, diffId: Digest, path: string): Descriptor {
  const compression = sniffCompression(start);
  if (compression === 'bzip2' || compression === 'xz') {
    throw new MkimageError('unsupported', `read archive: layer \`${path}\` is compressed with ${compression}`);
  }
  if (compression === 'uncompressed' && digest !== diffId) {
    throw new MkimageError(
      'integrity',
      `read archive: layer \`${path}\` has digest ${digest}, but its config says ${diffId}`,
      {
        evidence: { expected: diffId, found: digest },
      },
    );
  }
  return { mediaType: toLayerMediaType(compression), digest, size };
}

function readImageList(files: ArchiveFiles): readonly DockerImage[] {
  const list = parseStrictJson(files.read('manifest.json'), 'manifest.json');
  if (!Array.isArray(list)) throw broken('manifest.json is not a list');
  return list.map((item: unknown) => {
    const { Config, RepoTags, Layers } = (item ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof Config !== 'string') throw broken('manifest.json names no config');
    return { config: Config, tags: texts(RepoTags).map(normalizeName), layers: texts(Layers) };
  });
}

/** Go writes an empty list as null. */
function texts(value: unknown): readonly string[] {
  const list = value ?? [];
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
  throw broken('manifest.json has a list with values that are not strings');
}

function broken(detail: string): MkimageError {
  return new MkimageError('invalid-archive', `read archive: ${detail}`);
}
