/** An OCI layout in a directory (image-spec image-layout.md). What other images are there already is kept. */
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfCancelled } from '../errors.ts';
import { ANNOTATION, canonicalJson, encodedOf, IMAGE_LAYOUT, parseStrictJson } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { openBlob } from './archive-writer.ts';
import { type ArchivedBlob, type ArchivedImage, distinctBlobs, indexOf } from './image-archive.ts';
import { outputFault } from './output-fault.ts';

/** Writes images into a layout; blobs first and `index.json` last, so that a reader never finds half an image. */
export async function writeLayout(images: readonly ArchivedImage[], directory: string, call: Call): Promise<void> {
  try {
    mkdirSync(join(directory, IMAGE_LAYOUT.blobs), { recursive: true });
    const kept = entriesToKeep(directory, images);
    for (const blob of distinctBlobs(images)) {
      throwIfCancelled(call.signal);
      placeBlob(directory, blob);
      await nextTurn();
    }
    place(directory, IMAGE_LAYOUT.marker, (file) => writeFileSync(file, IMAGE_LAYOUT.markerText));
    place(directory, IMAGE_LAYOUT.index, (file) => writeFileSync(file, canonicalJson(indexOf(images, kept))));
  } catch (error) {
    throw outputFault(directory, error);
  }
}

function placeBlob(directory: string, { digest, size, source }: ArchivedBlob): void {
  const path = join(IMAGE_LAYOUT.blobs, encodedOf(digest));
  if (statSync(join(directory, path), { throwIfNoEntry: false })?.size === size) return;
  place(directory, path, (file) => {
    if (source.kind === 'bytes') return writeFileSync(file, source.bytes, { mode: 0o644 });
    closeSync(openBlob(source.path, size));
    copyFileSync(source.path, file, constants.COPYFILE_FICLONE);
    chmodSync(file, 0o644);
  });
}

function place(directory: string, path: string, write: (file: string) => void): void {
  const temporary = join(directory, `.${randomUUID()}`);
  try {
    write(temporary);
    renameSync(temporary, join(directory, path));
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Entries of the present `index.json` that the new images do not take the place of. */
function entriesToKeep(directory: string, images: readonly ArchivedImage[]): readonly unknown[] {
  const path = join(directory, IMAGE_LAYOUT.index);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return [];
  const index = parseStrictJson(readFileSync(path), 'index.json') as { readonly manifests?: unknown } | null;
  const entries = Array.isArray(index?.manifests) ? (index.manifests as readonly LooseEntry[]) : [];
  const names = new Set(images.flatMap((image) => image.names));
  const digests = new Set(images.map(({ target }) => target.digest as string));
  return entries.filter((entry) => {
    const name = entry.annotations?.[ANNOTATION.imageName];
    return name === undefined ? !digests.has(entry.digest ?? '') : !names.has(name);
  });
}

interface LooseEntry {
  readonly digest?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}
