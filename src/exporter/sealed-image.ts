import type { Annotation, AnnotationPlace, ImageOptions } from '../api/index.ts';
import {
  type Annotations,
  buildManifest,
  digestOf,
  formatPlatform,
  type Layer,
  normalizePlatform,
  type Platform,
} from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { ArchivedBlob, ArchivedImage } from './image-archive.ts';
import { blobsOf, type LayerBlobs } from './layer-forms.ts';
import { storedBlob } from './stored-image.ts';

/** A finished image. */
export interface ExportImage {
  /** The exact bytes of the config; their digest is the image ID. */
  readonly config: Uint8Array;
  /** Lowest first. */
  readonly layers: readonly Layer[];
  /** Normalized. */
  readonly names: readonly string[];
  readonly platform: Platform;
  readonly annotations: readonly Annotation[];
}

/** An image in its exported form, with the bytes of its manifest. */
export interface SealedImage extends ArchivedImage {
  readonly manifest: Uint8Array;
}

interface SealContext {
  readonly store: LayerBlobs;
  readonly call: Call;
}

/** Brings an image into its exported form: compresses its layers as requested and makes the manifest. */
export async function sealImage(
  image: ExportImage,
  options: ImageOptions,
  { store, call }: SealContext,
): Promise<SealedImage> {
  const blobs = await blobsOf(image.layers, options, { store, call });
  const own = formatPlatform(normalizePlatform(image.platform));
  const annotations = [...image.annotations, ...options.annotations].filter(
    ({ platform }) => platform === undefined || formatPlatform(normalizePlatform(platform)) === own,
  );
  const config = inMemory(image.config);
  const manifest = buildManifest({
    dialect: options.ociTypes ? 'oci' : 'docker',
    config,
    layers: blobs,
    annotations: annotationsAt('manifest', annotations),
  });
  const onDescriptor = annotationsAt('manifest-descriptor', annotations);
  return {
    manifest: manifest.bytes,
    target: { ...manifest.descriptor, ...(onDescriptor && { annotations: onDescriptor }) },
    names: [...new Set([...image.names, ...options.names])],
    blobs: [inMemory(manifest.bytes), config, ...blobs.map((blob) => storedBlob(store, blob))],
    docker: { config: config.digest, layers: blobs.map((blob) => blob.digest) },
  };
}

function annotationsAt(place: AnnotationPlace, annotations: readonly Annotation[]): Annotations | undefined {
  const chosen = annotations.filter((annotation) => annotation.place === place);
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen.map(({ key, value }) => [key, value]));
}

function inMemory(bytes: Uint8Array): ArchivedBlob {
  return { digest: digestOf(bytes), size: bytes.length, source: { kind: 'bytes', bytes } };
}
