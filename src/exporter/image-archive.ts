/**
 * An archive that is both an OCI layout (image-spec image-layout.md) and a docker-archive, so that every loader can
 * read it.
 */
import type { Writable } from 'node:stream';
import { labelsOfBlob, reportTransfer } from '../content/index.ts';
import {
  ANNOTATION,
  buildIndex,
  type Descriptor,
  type Digest,
  encodedOf,
  formatCanonicalJson,
  formatFamiliarName,
  IMAGE_LAYOUT,
  parseReference,
} from '../oci/index.ts';
import type { Call, StepId } from '../progress.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { openOutput } from './output.ts';

/** A blob to write: from memory, or from a file that is known to contain these bytes. */
export interface ArchivedBlob {
  readonly digest: Digest;
  readonly size: number;
  readonly source:
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
    | { readonly kind: 'file'; readonly path: string };
}

/** One image, or an index of images for several platforms, with all blobs to write. */
export interface ArchivedImage {
  /** The descriptor in `index.json`. */
  readonly target: Descriptor;
  /** Normalized. */
  readonly names: readonly string[];
  readonly blobs: readonly ArchivedBlob[];
  /** For `manifest.json`: the one image that Docker loads; undefined: none. Layers lowest first. */
  readonly docker: { readonly config: Digest; readonly layers: readonly Digest[] } | undefined;
}

export interface ArchiveTarget {
  /** A path, or `-`. */
  readonly dest: string;
  readonly stdout: () => Writable;
  readonly step: StepId;
}

/**
 * Writes images into one archive. The same images give the same bytes: small files first, so that a reader of the
 * stream knows the content early, then the blobs sorted by digest. The file is renamed into place, so it is complete
 * or absent.
 */
export async function writeImages(images: readonly ArchivedImage[], target: ArchiveTarget, call: Call): Promise<void> {
  await using output = await openOutput(target.dest, target.stdout, call.signal);
  const archive = new ArchiveWriter(output);
  archive.file(IMAGE_LAYOUT.marker, Buffer.from(IMAGE_LAYOUT.markerText));
  archive.file(IMAGE_LAYOUT.index, indexOf(images));
  archive.file('manifest.json', Buffer.from(formatCanonicalJson(images.flatMap(dockerEntry))));
  archive.directory('blobs');
  archive.directory(IMAGE_LAYOUT.blobs);
  for (const blob of distinctBlobs(images)) await writeBlob(archive, blob, { step: target.step, call });
  await archive.finish(call);
}

/**
 * The `index.json` of a layout: one entry for every name, as containerd writes them. `kept`: existing entries to keep.
 */
export function indexOf(images: readonly ArchivedImage[], kept: readonly Descriptor[] = []): Buffer {
  const manifests = images.flatMap(({ target, names }) =>
    names.length === 0 ? [target] : names.map((name) => nameDescriptor(target, name)),
  );
  return buildIndex({ manifests: [...kept, ...manifests] }).bytes;
}

/** Returns every blob once, sorted by digest. */
export function distinctBlobs(images: readonly ArchivedImage[]): readonly ArchivedBlob[] {
  const blobs = new Map(images.flatMap((image) => image.blobs.map((blob) => [blob.digest, blob])));
  return [...blobs.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
}

/** skopeo and umoci find an image in a layout by its tag, containerd and Podman by its full name. */
function nameDescriptor(target: Descriptor, name: string): Descriptor {
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
      RepoTags: tags.map(({ digest: _, ...reference }) => formatFamiliarName(reference)),
      Layers: docker.layers.map(blobPath),
    },
  ];
}

interface BlobProgress {
  readonly step: StepId;
  readonly call: Call;
}

async function writeBlob(archive: ArchiveWriter, blob: ArchivedBlob, { step, call }: BlobProgress): Promise<void> {
  const path = blobPath(blob.digest);
  if (blob.source.kind === 'bytes') return archive.file(path, blob.source.bytes);
  const transfer = reportTransfer(labelsOfBlob(blob, step), call);
  await archive.copy(path, { ...blob, file: blob.source.path, transfer }, call);
  transfer.finish();
}

function blobPath(digest: Digest): string {
  return `${IMAGE_LAYOUT.blobs}/${encodedOf(digest)}`;
}
