import { createHash } from 'node:crypto';
import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { MkimageError } from '../errors.ts';
import type { Descriptor } from '../oci/index.ts';

/**
 * The same bytes, checked as they pass: more than the descriptor's size ends the stream at once, and the last of them are
 * followed by an end only if size and sha256 are right. Otherwise the stream fails with `integrity`.
 * `failed` words it otherwise.
 */
export function verified(stream: Readable, descriptor: Descriptor, failed = failureOf): Readable {
  const checked = new Transform(verification(descriptor, failed));
  stream.once('error', (error) => checked.destroy(error));
  checked.once('close', () => stream.destroy());
  return stream.pipe(checked);
}

/** The failure of bytes that are not those of the descriptor. */
type Failed = (descriptor: Descriptor, found: { readonly size?: string; readonly digest?: string }) => MkimageError;

function verification(descriptor: Descriptor, failed: Failed) {
  const hash = createHash('sha256');
  let size = 0;
  return {
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
      size += chunk.length;
      hash.update(chunk);
      if (size > descriptor.size) done(failed(descriptor, { size: 'more' }));
      else done(null, chunk);
    },
    flush(done: TransformCallback): void {
      const found = `sha256:${hash.digest('hex')}`;
      if (size < descriptor.size) done(failed(descriptor, { size: `only ${size}` }));
      else done(found === descriptor.digest ? null : failed(descriptor, { digest: found }));
    },
  };
}

function failureOf(descriptor: Descriptor, { size, digest }: Parameters<Failed>[1]): MkimageError {
  return digest === undefined ? sizeError(descriptor, size ?? '') : digestError(descriptor, digest);
}

function sizeError(descriptor: Descriptor, found: string): MkimageError {
  return new MkimageError(
    'integrity',
    `verify content \`${descriptor.digest}\`: ${descriptor.size} bytes were promised, ${found} came`,
    { evidence: { expected: descriptor.size } },
  );
}

function digestError(descriptor: Descriptor, found: string): MkimageError {
  return new MkimageError(
    'integrity',
    `verify content \`${descriptor.digest}\`: the bytes have the digest \`${found}\``,
    {
      evidence: { expected: descriptor.digest, found },
    },
  );
}
