import { once } from 'node:events';
import { PassThrough, Transform, type TransformCallback } from 'node:stream';
import type { Descriptor, Digest } from '../oci/index.ts';
import { createQuietCall } from '../progress.ts';
import type { LayerIndex } from './layer-index.ts';
import { openPlainBytes } from './plain-bytes.ts';
import { LayerScan } from './scan.ts';

/**
 * Creates a transform that passes a layer's blob through unchanged, and decompresses and lists it at the same time. It ends after `done`
 * was called with the listing. It fails if the layer is invalid (`integrity`, `invalid-archive`, `limit`).
 */
export function createLayerTap(blob: Descriptor, diffId: Digest, done: (index: LayerIndex) => void): Transform {
  const side = new PassThrough();
  const scan = new LayerScan();
  const plain = openPlainBytes(side, blob.mediaType);
  const scanned = scan.readAll(plain, createQuietCall());
  const tap = new Transform({
    transform(chunk: Buffer, _encoding, next: TransformCallback) {
      if (side.write(chunk)) next(null, chunk);
      else
        once(side, 'drain').then(
          () => next(null, chunk),
          () => scanned.then(() => next(), next),
        );
    },
    flush(next: TransformCallback) {
      side.end();
      scanned.then(() => done(scan.finish(diffId))).then(() => next(), next);
    },
    destroy(error, next) {
      side.destroy();
      plain.destroy();
      next(error);
    },
  });
  scanned.catch((error: Error) => tap.destroy(error));
  return tap;
}
