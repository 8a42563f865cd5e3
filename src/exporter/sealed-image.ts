import {
  type Compression,
  canonicalJson,
  compressionOf,
  type Descriptor,
  digestOf,
  formatPlatform,
  type Layer,
  layerMediaType,
  type Manifest,
  MEDIA_TYPE,
  normalizePlatform,
  type Platform,
} from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { ArchivedBlob, ArchivedImage } from './image-archive.ts';
import { blobsOf, type LayerBlobs } from './layer-forms.ts';
import type { Annotation, AnnotationPlace } from './options/annotation.ts';
import type { ImageOptions } from './options/image-options.ts';
import { storedBlob } from './stored-image.ts';

/** A finished image. */
export interface ExportImage {
  /** The exact bytes of its config; their digest is the image ID. */
  readonly config: Uint8Array;
  /** Lowest first. */
  readonly layers: readonly Layer[];
  /** Normalised. */
  readonly names: readonly string[];
  readonly platform: Platform;
  readonly annotations: readonly Annotation[];
}

/** An image in the form it goes out in, and the bytes of its manifest. */
export interface SealedImage extends ArchivedImage {
  readonly manifest: Uint8Array;
}

const DOCKER_LAYER: Readonly<Record<Compression, string>> = {
  uncompressed: MEDIA_TYPE.dockerLayer,
  gzip: MEDIA_TYPE.dockerLayerGzip,
  zstd: MEDIA_TYPE.dockerLayerZstd,
};

/** Gives an image the form it is exported in: layers compressed as asked for, and the manifest that names them. */
export async function sealImage(
  image: ExportImage,
  options: ImageOptions,
  store: LayerBlobs,
  call: Call,
): Promise<SealedImage> {
  const blobs = await blobsOf(image.layers, options, store, call);
  const own = formatPlatform(normalizePlatform(image.platform));
  const annotations = [...image.annotations, ...options.annotations].filter(
    ({ platform }) => platform === undefined || formatPlatform(normalizePlatform(platform)) === own,
  );
  const config = inMemory(image.config);
  const manifestBytes = Buffer.from(manifestOf(config, blobs, options.ociTypes, annotations));
  const manifest = inMemory(manifestBytes);
  const mediaType = options.ociTypes ? MEDIA_TYPE.manifest : MEDIA_TYPE.dockerManifest;
  const { digest, size } = manifest;
  return {
    manifest: manifestBytes,
    target: { mediaType, digest, size, ...annotationsFor(annotations, 'manifest-descriptor') },
    names: [...new Set([...image.names, ...options.names])],
    blobs: [manifest, config, ...blobs.map((blob) => storedBlob(store, blob))],
    docker: { config: config.digest, layers: blobs.map((blob) => blob.digest) },
  };
}

function manifestOf(
  { digest, size }: ArchivedBlob,
  blobs: readonly Descriptor[],
  ociTypes: boolean,
  annotations: readonly Annotation[],
): string {
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: ociTypes ? MEDIA_TYPE.manifest : MEDIA_TYPE.dockerManifest,
    config: { mediaType: ociTypes ? MEDIA_TYPE.config : MEDIA_TYPE.dockerConfig, digest, size },
    layers: blobs.map((blob) => ({ mediaType: layerTypeOf(blob, ociTypes), digest: blob.digest, size: blob.size })),
    ...annotationsFor(annotations, 'manifest'),
  };
  return canonicalJson(manifest);
}

/** One manifest speaks either OCI's words or Docker's, whatever its base spoke; the bytes are the same. */
function layerTypeOf({ mediaType }: Descriptor, ociTypes: boolean): string {
  const compression = compressionOf(mediaType);
  if (compression === undefined) return mediaType;
  return ociTypes ? layerMediaType(compression) : DOCKER_LAYER[compression];
}

function annotationsFor(annotations: readonly Annotation[], place: AnnotationPlace) {
  const chosen = annotations.filter((annotation) => annotation.place === place);
  if (chosen.length === 0) return {};
  return { annotations: Object.fromEntries(chosen.map(({ key, value }) => [key, value])) };
}

function inMemory(bytes: Uint8Array): ArchivedBlob {
  return { digest: digestOf(bytes), size: bytes.length, source: { kind: 'bytes', bytes } };
}
