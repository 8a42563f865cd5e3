import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import { type Descriptor, type Digest, digestOf } from '../oci/index.ts';
import type { BlobSink, BlobWriter, ContentSink, ContentSource, SealedBlob } from './ports.ts';
import { verifyStream } from './verify.ts';

/** Content in memory, for tests and for small blobs that are never stored. */
export interface MemoryContent extends ContentSource, ContentSink, BlobSink {
  readonly blobs: ReadonlyMap<Digest, Buffer>;
  /** Adds bytes and returns their descriptor. */
  add(mediaType: string, bytes: Uint8Array | string): Descriptor;
  remove(digest: Digest): void;
}

export function createMemoryContent(): MemoryContent {
  const blobs = new Map<Digest, Buffer>();
  return {
    blobs,
    add(mediaType, bytes) {
      const content = Buffer.from(bytes);
      const digest = digestOf(content);
      blobs.set(digest, content);
      return { mediaType, digest, size: content.length };
    },
    remove: (digest) => void blobs.delete(digest),
    async open(descriptor) {
      const content = blobs.get(descriptor.digest);
      if (content === undefined)
        throw new MkimageError('not-found', `open content \`${descriptor.digest}\`: not found`);
      return Readable.from(content.length === 0 ? [] : [content], { objectMode: false });
    },
    has: async (descriptor) => blobs.has(descriptor.digest),
    async put(descriptor, bytes, { signal }) {
      const content = await buffer(verifyStream(bytes, descriptor));
      throwIfCancelled(signal);
      blobs.set(descriptor.digest, content);
    },
    create: () => createMemoryWriter(blobs),
  };
}

function createMemoryWriter(blobs: Map<Digest, Buffer>): BlobWriter {
  const pieces: Buffer[] = [];
  const hash = createHash('sha256');
  return {
    write(bytes) {
      pieces.push(Buffer.from(bytes));
      hash.update(bytes);
    },
    async commit(): Promise<SealedBlob> {
      const content = Buffer.concat(pieces);
      const digest: Digest = `sha256:${hash.digest('hex')}`;
      blobs.set(digest, content);
      return { digest, size: content.length };
    },
    async abort() {
      pieces.length = 0;
    },
    async [Symbol.asyncDispose]() {
      pieces.length = 0;
    },
  };
}
