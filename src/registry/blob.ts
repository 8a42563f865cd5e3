/** Streams a blob. Continues the transfer if the connection breaks. */
import { Readable } from 'node:stream';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import { type Answer, type RetryPolicy, waitAfter } from '../http/index.ts';
import type { Descriptor } from '../oci/index.ts';
import type { Call } from '../progress.ts';

export interface BlobRequest {
  readonly descriptor: Descriptor;
  /** `fetch blob …`, for messages. */
  readonly what: string;
  /** Requests the bytes from an offset on. Throws for an error status. It does its own retries until an answer starts. */
  readonly get: (offset: number) => Promise<Answer>;
  readonly policy: RetryPolicy;
  readonly call: Call;
}

/**
 * Opens the blob. The stream gives exactly `descriptor.size` bytes or fails; the reader must check the digest. An interrupted
 * transfer continues at its offset (RFC 9110, 14.2), at most `policy.retries` times.
 */
export async function openBlob(request: BlobRequest): Promise<Readable> {
  const transfer = { offset: 0, answer: await requestFrom(request, 0) };
  const stream = Readable.from(bytesOf(request, transfer), { objectMode: false });
  stream.once('close', () => transfer.answer.discard());
  return stream;
}

interface Transfer {
  offset: number;
  answer: Answer;
}

async function* bytesOf(request: BlobRequest, transfer: Transfer): AsyncGenerator<Uint8Array> {
  const { size } = request.descriptor;
  for (let failures = 1; ; failures++) {
    try {
      yield* readRest(request, transfer);
      if (transfer.offset === size) return;
      throw createEndedEarlyError(request, transfer.offset);
    } catch (error) {
      throwIfCancelled(request.call.signal);
      await waitAfter(error, { failures, policy: request.policy }, request.call);
      transfer.answer = await requestFrom(request, transfer.offset);
    }
  }
}

/** The chunks of the current answer, from the transfer's offset on. */
async function* readRest(request: BlobRequest, transfer: Transfer): AsyncGenerator<Uint8Array> {
  const { size } = request.descriptor;
  let skip = transfer.offset - startOf(transfer.answer);
  for await (const chunk of transfer.answer.body as AsyncIterable<Uint8Array>) {
    const fresh = skip === 0 ? chunk : chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - fresh.length;
    if (transfer.offset + fresh.length > size) throw createTooLongError(request);
    transfer.offset += fresh.length;
    if (fresh.length > 0) yield fresh;
  }
}

/** Requests an answer that has the bytes from `offset` on: the whole blob (200) or the range (206). */
async function requestFrom(request: BlobRequest, offset: number): Promise<Answer> {
  const answer = await request.get(offset);
  const fault = findFault(answer, offset, request.descriptor.size);
  if (fault === undefined) return answer;
  answer.discard();
  throw new MkimageError('integrity', `${request.what}: ${fault}`);
}

function findFault(answer: Answer, offset: number, size: number): string | undefined {
  const encoding = answer.header('content-encoding') ?? 'identity';
  if (encoding !== 'identity') return `sent with content encoding \`${encoding.slice(0, 20)}\``;
  const length = answer.header('content-length');
  if (answer.status === 200) {
    const lies = length !== undefined && Number(length) !== size;
    return lies ? `the registry has ${length} bytes, the descriptor says ${size}` : undefined;
  }
  if (answer.status !== 206 || offset === 0) return `unexpected status ${answer.status}`;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.header('content-range') ?? '');
  const fits = range !== null && Number(range[1]) === offset && (range[2] === '*' || Number(range[2]) === size);
  return fits ? undefined : 'another range came than was asked for';
}

function startOf(answer: Answer): number {
  return answer.status === 206 ? Number(/^bytes (\d+)-/.exec(answer.header('content-range') ?? '')?.[1]) : 0;
}

function createTooLongError({ what, descriptor }: BlobRequest): MkimageError {
  return new MkimageError('integrity', `${what}: longer than the ${descriptor.size} bytes of its descriptor`);
}

function createEndedEarlyError({ what, descriptor }: BlobRequest, offset: number): MkimageError {
  return new MkimageError('integrity', `${what}: ended after ${offset} of ${descriptor.size} bytes`, {
    evidence: { temporary: true, expected: descriptor.size, found: offset },
  });
}
