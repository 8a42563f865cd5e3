/** Reads a manifest, or what is said about it, from an answer. */
import { MkimageError } from '../errors.ts';
import type { AnswerHead, WholeAnswer } from '../http/index.ts';
import { type Descriptor, type Digest, digestOf, isDigest, isIndexType, isManifestType } from '../oci/index.ts';
import type { FetchedManifest } from './index.ts';

/** The manifest of an answer. Throws `integrity` if its digest is not `wanted` or not the announced one. */
export function parseManifestAnswer(
  answer: WholeAnswer,
  { wanted, what }: { readonly wanted: Digest | undefined; readonly what: string },
): FetchedManifest {
  const { bytes } = answer;
  const digest = digestOf(bytes);
  const expected = wanted ?? announcedDigest(answer);
  if (expected !== undefined && expected !== digest) {
    throw new MkimageError('integrity', `${what}: its digest is ${digest}, not ${expected}`, {
      evidence: { expected, found: digest },
    });
  }
  return { descriptor: { mediaType: findMediaType(answer, bytes, what), digest, size: bytes.length }, bytes };
}

/** The descriptor that an answer to HEAD announces; undefined if it does not announce all of it. */
export function announcedDescriptor(answer: AnswerHead): Descriptor | undefined {
  const mediaType = typeInHeader(answer);
  const digest = announcedDigest(answer);
  const size = Number(answer.header('content-length') ?? Number.NaN);
  const isKnown = (isIndexType(mediaType) || isManifestType(mediaType)) && Number.isSafeInteger(size) && size > 0;
  return isKnown && digest !== undefined ? { mediaType, digest, size } : undefined;
}

export function announcedDigest(answer: AnswerHead): Digest | undefined {
  const announced = answer.header('docker-content-digest');
  return isDigest(announced) ? announced : undefined;
}

function typeInHeader(answer: AnswerHead): string {
  return (answer.header('content-type') ?? '').split(';')[0]?.trim() ?? '';
}

/** The media type. The header and the content must agree about it (CVE-2021-41190). */
function findMediaType(answer: AnswerHead, bytes: Buffer, what: string): string {
  const header = typeInHeader(answer);
  const own = readOwnMediaType(bytes, what);
  const mediaType = isIndexType(header) || isManifestType(header) ? header : (own ?? header);
  if (own !== undefined && own !== mediaType) {
    throw new MkimageError('integrity', `${what}: the header says \`${header}\` but the content says \`${own}\``);
  }
  if (isIndexType(mediaType) || isManifestType(mediaType)) return mediaType;
  throw new MkimageError(
    'unsupported',
    `${what}: media type \`${mediaType.slice(0, 100)}\` is not an image manifest or index`,
  );
}

function readOwnMediaType(bytes: Buffer, what: string): string | undefined {
  try {
    const { mediaType } = JSON.parse(bytes.toString('utf8')) as { mediaType?: unknown };
    return typeof mediaType === 'string' ? mediaType : undefined;
  } catch (error) {
    throw new MkimageError('integrity', `${what}: not JSON`, { cause: error });
  }
}
