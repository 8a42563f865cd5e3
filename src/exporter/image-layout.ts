/** An OCI layout in a directory (image-spec image-layout.md). What other images are there already is kept. */
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

/** Where a layout goes, and the step under which progress is reported. */
export interface LayoutTarget {
  readonly dest: string;
  readonly step: StepId;
}

/** Writes images into a layout; blobs first and `index.json` last, so that a reader never finds half an image. */
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

/** False: it is there already. What was copied is read again before it appears: where the disk shares the blocks of both, that is what is in the store. */
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

/** The kernel copies a file in one go. */
function reportWhole(blob: ArchivedBlob, step: StepId, call: Call): void {
  const transfer = reportTransfer(labelsOfBlob(blob, step), call);
  transfer.addBytes(blob.size);
  transfer.finish();
}

/** Under a new name beside it, then renamed; what is there already is replaced, a link too. */
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

/** Entries of the present `index.json` that the new images do not take the place of. */
function entriesToKeep(target: OutputDirectory, images: readonly ArchivedImage[]): readonly Descriptor[] {
  const file = join(target.root, IMAGE_LAYOUT.index);
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return [];
  const index = parseStrictJson(readExactFile(file, MAX_JSON_BYTES), 'index.json') as {
    readonly manifests?: unknown;
  } | null;
  const entries = Array.isArray(index?.manifests) ? index.manifests : [];
  const names = new Set(images.flatMap((image) => image.names));
  const digests = new Set(images.map(({ target }) => target.digest as string));
  // They stay as they are, whatever they are.
  return (entries as readonly Descriptor[]).filter((entry) => {
    const name = entry?.annotations?.[ANNOTATION.imageName];
    return name === undefined ? !digests.has(entry?.digest ?? '') : !names.has(name);
  });
}
