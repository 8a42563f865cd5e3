/** Writes an OCI layout into a directory (image-spec image-layout.md). Keeps other images in it. */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createDamagedBlobError, hashFile, labelsOfBlob, reportTransfer } from '../content/index.ts';
import { throwIfCancelled } from '../errors.ts';
import { descriptorPath, readExactFile } from '../host/index.ts';
import { ANNOTATION, type Descriptor, encodedOf, IMAGE_LAYOUT, MAX_JSON_BYTES, parseStrictJson } from '../oci/index.ts';
import type { Call, StepId } from '../progress.ts';
import { openBlob } from './archive-writer.ts';
import { type ArchivedBlob, type ArchivedImage, distinctBlobs, indexOf } from './image-archive.ts';
import { OutputDirectory } from './output-directory.ts';
import { outputFault } from './output-fault.ts';

/** The place of a layout, and the step under which progress is reported. */
export interface LayoutTarget {
  readonly dest: string;
  readonly step: StepId;
}

/** Writes images into a layout: blobs first and `index.json` last, so that a reader never finds an incomplete image. */
export async function writeLayout(
  images: readonly ArchivedImage[],
  { dest, step }: LayoutTarget,
  call: Call,
): Promise<void> {
  try {
    using target = OutputDirectory.open(dest);
    for (const folder of foldersTo(IMAGE_LAYOUT.blobs)) makeFolder(target.object(folder));
    const kept = entriesToKeep(target, images);
    for (const blob of distinctBlobs(images)) {
      throwIfCancelled(call.signal);
      if (await placeBlob(target, blob, call)) reportWhole(blob, step, call);
      await nextTurn();
    }
    await place(target, IMAGE_LAYOUT.marker, async (file) => writeFileSync(file, IMAGE_LAYOUT.markerText));
    await place(target, IMAGE_LAYOUT.index, async (file) => writeFileSync(file, indexOf(images, kept)));
  } catch (error) {
    throw outputFault(dest, error);
  }
}

/** `blobs`, `blobs/sha256`. */
function foldersTo(path: string): readonly string[] {
  const names = path.split('/');
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

function makeFolder(object: string): void {
  try {
    mkdirSync(object, { mode: 0o755 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * Returns false if the blob exists already. A copied blob is read again and verified before it is renamed: if the file
 * system shares the blocks, this also verifies the store.
 */
async function placeBlob(
  target: OutputDirectory,
  { digest, size, source }: ArchivedBlob,
  call: Call,
): Promise<boolean> {
  const path = join(IMAGE_LAYOUT.blobs, encodedOf(digest));
  const present = lstatSync(target.object(path), { throwIfNoEntry: false });
  if (present?.isFile() && present.size === size) return false;
  await place(target, path, async (file, name) => {
    if (source.kind === 'bytes') return writeFileSync(file, source.bytes);
    closeSync(openBlob(source.path, { digest, size }));
    copyFileSync(source.path, descriptorPath(file), constants.COPYFILE_FICLONE);
    fchmodSync(file, 0o644);
    const found = await hashFile(name, call.signal);
    if (found !== digest) throw createDamagedBlobError({ digest }, `\`${found}\``);
  });
  return true;
}

/** Reports the whole size at once, because the kernel copies the file in one call. */
function reportWhole(blob: ArchivedBlob, step: StepId, call: Call): void {
  const transfer = reportTransfer(labelsOfBlob(blob, step), call);
  transfer.addBytes(blob.size);
  transfer.finish();
}

/** Writes to a new name in the same folder and renames. An existing object, also a link, is replaced. */
async function place(
  target: OutputDirectory,
  path: string,
  write: (file: number, name: string) => Promise<void>,
): Promise<void> {
  const object = target.object(path);
  const temporary = `${dirname(object)}/.${randomUUID()}`;
  const file = openSync(temporary, 'wx', 0o644);
  try {
    await write(file, temporary);
    renameSync(temporary, object);
  } finally {
    closeSync(file);
    rmSync(temporary, { force: true });
  }
}

/** Returns the entries of the existing `index.json` that the new images do not replace. */
function entriesToKeep(target: OutputDirectory, images: readonly ArchivedImage[]): readonly Descriptor[] {
  const file = join(target.root, IMAGE_LAYOUT.index);
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return [];
  const index = parseStrictJson(readExactFile(file, MAX_JSON_BYTES), 'index.json') as {
    readonly manifests?: unknown;
  } | null;
  const entries = Array.isArray(index?.manifests) ? index.manifests : [];
  const names = new Set(images.flatMap((image) => image.names));
  const digests = new Set(images.map(({ target }) => target.digest as string));
  // Unknown entries are kept unchanged.
  return (entries as readonly Descriptor[]).filter((entry) => {
    const name = entry?.annotations?.[ANNOTATION.imageName];
    return name === undefined ? !digests.has(entry?.digest ?? '') : !names.has(name);
  });
}
