import { closeSync, constants, createReadStream, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { isMkimageError, MkimageError } from '../errors.ts';
import {
  type Descriptor,
  encodedOf,
  IMAGE_LAYOUT,
  isIndexType,
  MAX_JSON_BYTES,
  parseManifestOrIndex,
} from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { ImageSink, ImportedImage } from './imported-image.ts';
import { entriesOf, layoutImages } from './layout-images.ts';

const CHUNK = 512 * 1024;

/**
 * Reads all images of an OCI layout directory; only blobs that an image needs are copied. Symlinks that lead out of the
 * directory, pipes and devices are refused. Throws `not-found`, `invalid-archive`, `integrity`, `limit`.
 */
export async function importLayout(directory: string, sink: ImageSink, call: Call): Promise<readonly ImportedImage[]> {
  const layout = new LayoutDirectory(directory);
  const read = (path: string) => layout.read(path);
  for (const entry of entriesOf(read)) await copyImage(layout, sink, entry, call);
  return layoutImages(read, sink, new Map());
}

/** Copies what is there; what is missing is judged when all is copied. */
async function copyImage(layout: LayoutDirectory, sink: ImageSink, target: Descriptor, call: Call): Promise<void> {
  if (!(await copyBlob(layout, sink, target, call))) return;
  const found = parseManifestOrIndex(sink.readSmall(target), target);
  if (found.kind === 'index') {
    for (const child of found.index.manifests) {
      // An index that holds itself cannot exist: its digest would have to be in its own bytes.
      if (isIndexType(child.mediaType)) await copyImage(layout, sink, child, call);
      else if (await copyBlob(layout, sink, child, call)) await copyParts(layout, sink, child, call);
    }
  } else await copyParts(layout, sink, target, call);
}

async function copyParts(layout: LayoutDirectory, sink: ImageSink, target: Descriptor, call: Call): Promise<void> {
  const found = parseManifestOrIndex(sink.readSmall(target), target);
  if (found.kind !== 'manifest') return;
  for (const blob of [found.manifest.config, ...found.manifest.layers]) await copyBlob(layout, sink, blob, call);
}

async function copyBlob(layout: LayoutDirectory, sink: ImageSink, blob: Descriptor, call: Call): Promise<boolean> {
  if (await sink.has(blob)) return true;
  const bytes = layout.stream(`${IMAGE_LAYOUT.blobs}/${encodedOf(blob.digest)}`);
  if (bytes === undefined) return false;
  await sink.put(blob, bytes, call);
  return true;
}

/** Files of a directory that somebody else filled. */
class LayoutDirectory {
  readonly #root: string;

  constructor(directory: string) {
    try {
      this.#root = realpathSync(directory);
    } catch (cause) {
      throw new MkimageError('not-found', `read image layout: there is no \`${directory}\``, { cause });
    }
  }

  /** A small file, whole. Throws `invalid-archive` if it is not there. */
  read(path: string): Uint8Array {
    const file = this.#open(path);
    if (file === undefined) throw new MkimageError('invalid-archive', `read image layout: \`${path}\` is missing`);
    try {
      if (fstatSync(file).size > MAX_JSON_BYTES)
        throw new MkimageError('limit', `read image layout: \`${path}\` is too large`);
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  }

  stream(path: string): Readable | undefined {
    const file = this.#open(path);
    return file === undefined ? undefined : createReadStream('', { fd: file, highWaterMark: CHUNK });
  }

  #open(path: string): number | undefined {
    try {
      return this.#openInside(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      if (isMkimageError(error)) throw error;
      throw new MkimageError('invalid-archive', `read image layout: \`${path}\` cannot be read`, { cause: error });
    }
  }

  #openInside(path: string): number {
    const real = realpathSync(join(this.#root, path));
    if (!real.startsWith(this.#root + sep)) {
      throw new MkimageError('invalid-archive', `read image layout: \`${path}\` is a symlink that leads out of it`);
    }
    // O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
    const file = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
    throw new MkimageError('invalid-archive', `read image layout: \`${path}\` is no file`);
  }
}
