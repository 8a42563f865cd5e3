/** One archive that is both an OCI layout (image-spec image-layout.md) and a docker-archive, so that every loader takes it. */
import type { Writable } from 'node:stream';
import { labelsOfBlob, reportTransfer } from '../content/index.ts';
import {
  ANNOTATION,
  buildIndex,
  canonicalJson,
  type Descriptor,
  type Digest,
  encodedOf,
  familiarName,
  IMAGE_LAYOUT,
  parseReference,
} from '../oci/index.ts';
import type { Call, StepId } from '../progress.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { openOutput } from './output.ts';

/** A blob to be written: from memory, or from a file that is known to hold these bytes. */
export interface ArchivedBlob {
  readonly digest: Digest;
  readonly size: number;
  readonly source:
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
    | { readonly kind: 'file'; readonly path: string };
}

/** One image, or an index of images for several platforms, and all of it that is to be written. */
export interface ArchivedImage {
  /** What `index.json` points at. */
  readonly target: Descriptor;
  /** Normalised. */
  readonly names: readonly string[];
  readonly blobs: readonly ArchivedBlob[];
  /** For `manifest.json`: the one image that Docker is to load; undefined: none. Layers lowest first. */
  readonly docker: { readonly config: Digest; readonly layers: readonly Digest[] } | undefined;
}

export interface ArchiveTarget {
  /** A path, or `-`. */
  readonly dest: string;
  readonly stdout: () => Writable;
  readonly step: StepId;
}

/**
 * Writes images into one archive. The same images give the same bytes: small files first, so that a reader of the stream
 * knows early what it gets, then the blobs in the order of their digests. A file appears whole or not at all.
 */
export async function writeImages(images: readonly ArchivedImage[], target: ArchiveTarget, call: Call): Promise<void> {
  await using output = await openOutput(target.dest, target.stdout, call.signal);
  const archive = new ArchiveWriter(output);
  archive.file(IMAGE_LAYOUT.marker, Buffer.from(IMAGE_LAYOUT.markerText));
  archive.file(IMAGE_LAYOUT.index, indexOf(images));
  archive.file('manifest.json', Buffer.from(canonicalJson(images.flatMap(dockerEntry))));
  archive.directory('blobs');
  archive.directory(IMAGE_LAYOUT.blobs);
  for (const blob of distinctBlobs(images)) await writeBlob(archive, blob, target.step, call);
  await archive.finish(call);
}

/** The `index.json` of a layout: an entry for every name, as containerd writes them. `kept`: what is in it besides. */
export function indexOf(images: readonly ArchivedImage[], kept: readonly Descriptor[] = []): Buffer {
  const manifests = images.flatMap(({ target, names }) =>
    names.length === 0 ? [target] : names.map((name) => named(target, name)),
  );
  return buildIndex({ manifests: [...kept, ...manifests] }).bytes;
}

/** Every blob once, sorted by digest. */
export function distinctBlobs(images: readonly ArchivedImage[]): readonly ArchivedBlob[] {
  const blobs = new Map(images.flatMap((image) => image.blobs.map((blob) => [blob.digest, blob])));
  return [...blobs.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
}

/** skopeo and umoci know an image of a layout by its tag, containerd and Podman by its full name. */
function named(target: Descriptor, name: string): Descriptor {
  const { tag, digest } = parseReference(name);
  const annotations = {
    ...target.annotations,
    [ANNOTATION.imageName]: name,
    [ANNOTATION.refName]: tag ?? digest ?? '',
  };
  return { ...target, annotations };
}

/** Docker's image-spec v1.2, "Combined Image JSON + Filesystem Changeset Format". */
function dockerEntry({ docker, names }: ArchivedImage) {
  if (docker === undefined) return [];
  const tags = names.map(parseReference).filter(({ tag }) => tag !== undefined);
  return [
    {
      Config: blobPath(docker.config),
      RepoTags: tags.map(({ digest: _, ...reference }) => familiarName(reference)),
      Layers: docker.layers.map(blobPath),
    },
  ];
}

async function writeBlob(archive: ArchiveWriter, blob: ArchivedBlob, step: StepId, call: Call): Promise<void> {
  const path = blobPath(blob.digest);
  if (blob.source.kind === 'bytes') return archive.file(path, blob.source.bytes);
  const transfer = reportTransfer(labelsOfBlob(blob, step), call);
  await archive.copy(path, { ...blob, file: blob.source.path, transfer }, call);
  transfer.finish();
}

function blobPath(digest: Digest): string {
  return `${IMAGE_LAYOUT.blobs}/${encodedOf(digest)}`;
}
