import type { Annotation, AnnotationPlace, ImageOptions } from '../api/index.ts';
import {
  type Annotations,
  type BuiltDocument,
  buildIndex,
  buildManifest,
  type Descriptor,
  digestOf,
  formatPlatform,
  type Layer,
  matchPlatform,
  normalizePlatform,
  type Platform,
} from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { ArchivedBlob, ArchivedImage } from './image-archive.ts';
import { blobsOf, type LayerBlobs } from './layer-forms.ts';
import { storedBlob } from './stored-image.ts';

/** The image of one platform. */
export interface PlatformImage {
  /** The exact bytes of the config; their digest is the image ID. */
  readonly config: Uint8Array;
  /** Lowest first. */
  readonly layers: readonly Layer[];
  readonly platform: Platform;
}

/** A finished image. */
export interface ExportImage {
  /** One for each platform, in the order of the index. */
  readonly images: readonly [PlatformImage, ...PlatformImage[]];
  /** Write an index, even for one platform. */
  readonly isIndex: boolean;
  /** Normalized. */
  readonly names: readonly string[];
  readonly annotations: readonly Annotation[];
  /** The platform of this machine: Docker loads one image of an archive. */
  readonly hostPlatform: Platform;
}

/** An image in its exported form. */
export interface SealedImage extends ArchivedImage {
  /** The manifests and, last, what `target` describes: each after the documents that it names. */
  readonly documents: readonly BuiltDocument[];
}

interface SealContext {
  readonly store: LayerBlobs;
  readonly call: Call;
}

/** Brings an image into its exported form: compresses its layers as requested and makes manifests and index. */
export async function sealImage(
  image: ExportImage,
  options: ImageOptions,
  { store, call }: SealContext,
): Promise<SealedImage> {
  const annotations = [...image.annotations, ...options.annotations];
  const names = [...new Set([...image.names, ...options.names])];
  const sealed: SealedManifest[] = [];
  for (const each of image.images) sealed.push(await sealManifest(each, { ...options, annotations }, { store, call }));
  const blobs = sealed.flatMap((each) => each.blobs);
  const documents = sealed.map(({ document }) => document);
  const { docker } = matchPlatform(sealed, image.hostPlatform) ?? sealed[0]!;
  if (!image.isIndex) return { target: sealed[0]!.entry, names, blobs, docker, documents };
  const index = buildIndex({
    dialect: options.ociTypes ? 'oci' : 'docker',
    manifests: sealed.map(({ entry, platform }) => ({ ...entry, platform })),
    annotations: annotationsAt('index', annotations),
  });
  return {
    target: { ...index.descriptor, ...annotationsMember(annotationsAt('index-descriptor', annotations)) },
    names,
    blobs: [inMemory(index.bytes), ...blobs],
    docker,
    documents: [...documents, index],
  };
}

interface SealedManifest {
  readonly platform: Platform;
  readonly document: BuiltDocument;
  /** The descriptor with its annotations. */
  readonly entry: Descriptor;
  readonly blobs: readonly ArchivedBlob[];
  readonly docker: NonNullable<ArchivedImage['docker']>;
}

async function sealManifest(
  image: PlatformImage,
  options: ImageOptions,
  { store, call }: SealContext,
): Promise<SealedManifest> {
  const blobs = await blobsOf(image.layers, options, { store, call });
  const platform = normalizePlatform(image.platform);
  const annotations = options.annotations.filter((each) => isFor(each, platform));
  const config = inMemory(image.config);
  const document = buildManifest({
    dialect: options.ociTypes ? 'oci' : 'docker',
    config,
    layers: blobs,
    annotations: annotationsAt('manifest', annotations),
  });
  return {
    platform,
    document,
    entry: { ...document.descriptor, ...annotationsMember(annotationsAt('manifest-descriptor', annotations)) },
    blobs: [inMemory(document.bytes), config, ...blobs.map((blob) => storedBlob(store, blob))],
    docker: { config: config.digest, layers: blobs.map((blob) => blob.digest) },
  };
}

function isFor({ platform }: Annotation, wanted: Platform): boolean {
  return platform === undefined || formatPlatform(normalizePlatform(platform)) === formatPlatform(wanted);
}

function annotationsMember(annotations: Annotations | undefined): Pick<Descriptor, 'annotations'> {
  return annotations === undefined ? {} : { annotations };
}

function annotationsAt(place: AnnotationPlace, annotations: readonly Annotation[]): Annotations | undefined {
  const chosen = annotations.filter((annotation) => annotation.place === place);
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen.map(({ key, value }) => [key, value]));
}

function inMemory(bytes: Uint8Array): ArchivedBlob {
  return { digest: digestOf(bytes), size: bytes.length, source: { kind: 'bytes', bytes } };
}
