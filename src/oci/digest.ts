import { createHash } from 'node:crypto';
import { MkimageError } from '../errors.ts';

/** A content digest. Only sha256 is accepted, because all registries and runtimes support it (image-spec, descriptor.md#digests). */
export type Digest = `sha256:${string}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** True if the text is a valid digest. Other texts must not be used in a path. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && DIGEST.test(text);
}

/** Checks a digest. Throws `invalid-reference`. */
export function parseDigest(text: unknown): Digest {
  if (isDigest(text)) return text;
  throw new MkimageError('invalid-reference', `invalid digest \`${String(text).slice(0, 100)}\``, {
    hint: 'a digest is `sha256:` and 64 lower-case hexadecimal digits',
  });
}

/** The 64 hexadecimal digits, safe as a file name. */
export function encodedOf(digest: Digest): string {
  return parseDigest(digest).slice('sha256:'.length);
}

/** The digest of bytes held in memory. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
