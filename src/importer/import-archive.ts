import { Readable } from 'node:stream';
import { decompressStream, SNIFF_LENGTH, sniffCompression } from '../compression/index.ts';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import { IMAGE_LAYOUT } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { TarReader } from '../tar/index.ts';
import { ArchiveFiles } from './archive-files.ts';
import { dockerImages, repositoryTags } from './docker-archive.ts';
import type { ImageSink, ImportedImage } from './imported-image.ts';
import { layoutImages } from './layout-images.ts';
import { legacyImages } from './legacy-archive.ts';

/**
 * Reads all images of an archive: an OCI layout, a docker-archive, or both; plain or compressed. One pass, in bounded
 * memory. Throws `invalid-archive`, `integrity`, `limit`; blobs written before the failure are then unused.
 */
export async function importArchive(input: Readable, sink: ImageSink, call: Call): Promise<readonly ImportedImage[]> {
  const files = await readFiles(await plain(input), sink, call);
  if (files.has(IMAGE_LAYOUT.marker) && files.has(IMAGE_LAYOUT.index)) return ociImages(files, sink);
  if (files.has('manifest.json')) return dockerImages(files, sink);
  if (files.has('repositories')) return legacyImages(files, sink);
  throw new MkimageError('invalid-archive', 'read archive: no image found', {
    hint: 'an image archive contains `index.json` or `manifest.json`; to unpack a root file system, use `ADD` in a build file',
  });
}

async function readFiles(tar: AsyncIterable<Uint8Array>, sink: ImageSink, call: Call): Promise<ArchiveFiles> {
  const files = new ArchiveFiles(sink);
  const reader = new TarReader(files);
  try {
    for await (const chunk of tar) {
      throwIfCancelled(call.signal);
      reader.push(chunk);
      await files.settle();
    }
    reader.end();
    return files;
  } catch (error) {
    await files.abort();
    throw error;
  }
}

async function ociImages(files: ArchiveFiles, sink: ImageSink): Promise<readonly ImportedImage[]> {
  const docker = files.has('manifest.json') ? repositoryTags(files) : new Map<string, readonly string[]>();
  return layoutImages((path) => files.read(path), sink, docker);
}

/** Decompresses the archive; its compression is detected by its first bytes. */
async function plain(input: Readable): Promise<AsyncIterable<Uint8Array>> {
  const chunks = input[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let start = Buffer.alloc(0);
  while (start.length < SNIFF_LENGTH) {
    const next = await chunks.next();
    if (next.done) break;
    start = Buffer.concat([start, next.value]);
  }
  async function* whole() {
    yield start;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  const compression = sniffCompression(start);
  return compression === 'uncompressed'
    ? whole()
    : decompressStream(Readable.from(whole(), { objectMode: false }), compression);
}
