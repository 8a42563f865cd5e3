import { createHash } from 'node:crypto';
import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { MkimageError } from '../errors.ts';
import type { Descriptor } from '../oci/index.ts';

/**
 * The same bytes, checked as they pass: more than the descriptor's size ends the stream at once, and the last of them are
 * followed by an end only if size and sha256 are right. Otherwise the stream fails with `integrity`.
 */
export function verified(stream: Readable, descriptor: Descriptor): Readable {
  const checked = new Transform(verification(descriptor));
  stream.once('error', (error) => checked.destroy(error));
  checked.once('close', () => stream.destroy());
  return stream.pipe(checked);
}

function verification(descriptor: Descriptor) {
  const hash = createHash('sha256');
  let size = 0;
  return {
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
      size += chunk.length;
      hash.update(chunk);
      if (size > descriptor.size) done(sizeError(descriptor, 'more'));
      else done(null, chunk);
    },
    flush(done: TransformCallback): void {
      const found = `sha256:${hash.digest('hex')}`;
      if (size < descriptor.size) done(sizeError(descriptor, `only ${size}`));
      else done(found === descriptor.digest ? null : digestError(descriptor, found));
    },
  };
}

function sizeError(descriptor: Descriptor, found: string): MkimageError {
  return new MkimageError(
    'integrity',
    `verify content \`${descriptor.digest}\`: ${descriptor.size} bytes were promised, ${found} came`,
    { details: { expected: descriptor.size } },
  );
}

function digestError(descriptor: Descriptor, found: string): MkimageError {
  return new MkimageError(
    'integrity',
    `verify content \`${descriptor.digest}\`: the bytes have the digest \`${found}\``,
    {
      details: { expected: descriptor.digest, found },
    },
  );
}
