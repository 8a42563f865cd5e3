/** The body of an upload: a part of a blob, opened again for every attempt. */
import { Readable } from 'node:stream';
import { labelsOfBlob, reportTransfer, type Transfer, verifyStream } from '../content/index.ts';
import type { RequestBody } from '../http/index.ts';
import type { Descriptor } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { PutOptions } from './index.ts';

export interface Range {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * The bytes of a range. Those before it are read again, so that the whole blob is verified: the last byte is sent only when the
 * content had the digest of its descriptor.
 */
export function createPartBody(
  blob: Descriptor,
  { range: { start, end }, from, step }: PutOptions & { readonly range: Range },
  call: Call,
): RequestBody {
  const open = async () => {
    const transfer = step === undefined ? undefined : reportTransfer(labelsOfBlob(blob, step), call);
    const whole = verifyStream(await from.open(blob, call), blob);
    return Readable.from(cutRange(whole, { start, end, size: blob.size }, transfer), { objectMode: false });
  };
  const empty = () => Readable.from([], { objectMode: false });
  return { length: end - start, replayable: true, open: start === end && start > 0 ? empty : open };
}

interface Cut extends Range {
  readonly size: number;
}

async function* cutRange(
  whole: Readable,
  { start, end, size }: Cut,
  transfer: Transfer | undefined,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  let last: Uint8Array | undefined;
  for await (const chunk of whole as AsyncIterable<Uint8Array>) {
    const wanted = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += chunk.length;
    transfer?.addBytes(Math.min(chunk.length, Math.max(0, chunk.length - Math.max(0, at - end))));
    if (wanted.length > 0) {
      if (last !== undefined) yield last;
      last = wanted;
    }
    if (at >= end && end < size) break;
  }
  if (last !== undefined) yield last;
  if (end === size) transfer?.finish();
}
