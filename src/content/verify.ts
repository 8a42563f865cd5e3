import { createHash } from 'node:crypto';
import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { MkimageError } from '../errors.ts';
import type { Descriptor } from '../oci/index.ts';

/**
 * Passes the bytes on and verifies them: the stream fails with `integrity` as soon as there are more bytes than the descriptor's
 * size, or at the end if size or sha256 differ. `createError` replaces the default error.
 */
export function verifyStream(stream: Readable, descriptor: Descriptor, createError = createIntegrityError): Readable {
  const checked = new Transform(createVerification(descriptor, createError));
  stream.once('error', (error) => checked.destroy(error));
  checked.once('close', () => stream.destroy());
  return stream.pipe(checked);
}

/** Creates the error for bytes that do not match the descriptor. */
type CreateError = (
  descriptor: Descriptor,
  found: { readonly size?: string; readonly digest?: string },
) => MkimageError;

function createVerification(descriptor: Descriptor, createError: CreateError) {
  const hash = createHash('sha256');
  let size = 0;
  return {
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
      size += chunk.length;
      hash.update(chunk);
      if (size > descriptor.size) done(createError(descriptor, { size: 'more' }));
      else done(null, chunk);
    },
    flush(done: TransformCallback): void {
      const found = `sha256:${hash.digest('hex')}`;
      if (size < descriptor.size) done(createError(descriptor, { size: `only ${size}` }));
      else done(found === descriptor.digest ? null : createError(descriptor, { digest: found }));
    },
  };
}

function createIntegrityError(descriptor: Descriptor, { size, digest }: Parameters<CreateError>[1]): MkimageError {
  return digest === undefined ? createSizeError(descriptor, size ?? '') : createDigestError(descriptor, digest);
}

function createSizeError(descriptor: Descriptor, found: string): MkimageError {
  return new MkimageError(
    'integrity',
    `verify content \`${descriptor.digest}\`: expected ${descriptor.size} bytes, found ${found}`,
    { evidence: { expected: descriptor.size } },
  );
}

function createDigestError(descriptor: Descriptor, found: string): MkimageError {
  return new MkimageError(
    'integrity',
    `verify content \`${descriptor.digest}\`: the bytes have the digest \`${found}\``,
    {
      evidence: { expected: descriptor.digest, found },
    },
  );
}
