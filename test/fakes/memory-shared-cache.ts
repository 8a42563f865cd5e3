import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { SharedStorage } from '../../src/cache/index.ts';
import { MkimageError } from '../../src/errors.ts';
import type { Digest } from '../../src/oci/index.ts';

/** A place in memory, and what was asked of it. */
export interface MemoryPlace {
  readonly open: () => SharedStorage;
  readonly blobs: Map<Digest, Buffer>;
  readonly asked: string[];
  document: Buffer | undefined;
}

/** A shared cache that forgets everything with the process. The contract suite tests it too. */
export function memoryPlace(): MemoryPlace {
  const place: MemoryPlace = { open: () => storageOf(place), blobs: new Map(), asked: [], document: undefined };
  return place;
}

function storageOf(place: MemoryPlace): SharedStorage {
  const { blobs, asked } = place;
  return {
    title: 'memory',
    readDocument: async () => {
      asked.push('document');
      return place.document;
    },
    open: async ({ digest }) => {
      asked.push(`open ${digest}`);
      const bytes = blobs.get(digest);
      if (bytes === undefined) throw new MkimageError('not-found', `open \`${digest}\`: not found`);
      return Readable.from([bytes]);
    },
    has: async ({ digest }) => blobs.has(digest),
    put: async ({ blob, open }) => {
      asked.push(`put ${blob.digest}`);
      blobs.set(blob.digest, await buffer(await open()));
    },
    publish: async ({ document }) => {
      asked.push('publish');
      place.document = document;
    },
  };
}
