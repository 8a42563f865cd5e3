import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import type { Digest } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { type TarEntry, type TarHandler, TarReader } from '../tar/index.ts';
import { LayerIndexBuilder } from './index-builder.ts';
import type { LayerIndex } from './layer-index.ts';

/** Lists and hashes a layer's tar while it is read, and passes its entries to other handlers. */
export class LayerScan {
  readonly #hash = createHash('sha256');
  readonly #index = new LayerIndexBuilder();
  readonly #reader: TarReader;

  constructor(others: readonly TarHandler[] = []) {
    this.#reader = new TarReader(forwardToAll([createListingHandler(this.#index), ...others]));
  }

  push(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#reader.push(bytes);
  }

  async readAll(plain: Readable, call: Call): Promise<void> {
    for await (const bytes of plain) {
      throwIfCancelled(call.signal);
      this.push(bytes as Uint8Array);
    }
  }

  /** Returns the listing after all bytes were pushed. Throws `integrity` if the digest is not the diffId. */
  finish(diffId: Digest): LayerIndex {
    this.#reader.end();
    const found = `sha256:${this.#hash.digest('hex')}`;
    if (found !== diffId) throw createDigestError(diffId, found);
    return this.#index.finish(diffId, this.#reader.offset);
  }
}

/** Creates the error for a layer whose uncompressed bytes do not match the diffId in the image's config. */
export function createDigestError(expected: Digest, found: string): MkimageError {
  return new MkimageError(
    'integrity',
    `read layer \`${expected}\`: its uncompressed bytes have the digest \`${found}\``,
    {
      evidence: { expected, found },
    },
  );
}

function createListingHandler(index: LayerIndexBuilder): TarHandler {
  return {
    entry: (entry) => index.add(entry, entry.offset),
    data: (bytes) => {
      if (index.wantsData) index.data(bytes);
    },
    entryEnd: () => {},
  };
}

function forwardToAll(handlers: readonly TarHandler[]): TarHandler {
  return {
    entry: (entry: TarEntry) => {
      for (const handler of handlers) handler.entry(entry);
    },
    data: (bytes) => {
      for (const handler of handlers) handler.data(bytes);
    },
    entryEnd: () => {
      for (const handler of handlers) handler.entryEnd();
    },
  };
}
