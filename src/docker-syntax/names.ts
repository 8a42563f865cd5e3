import { isMkimageError, MkimageError } from '../errors.ts';
import { formatReference, parseReference } from '../oci/index.ts';

/** Reads and normalises `--tag NAME[:TAG]`. An invalid name is reported before the build, not at its end. Throws `usage`. */
export function readTag(value: string): string {
  try {
    const reference = parseReference(value);
    if (reference.digest === undefined) return formatReference(reference);
  } catch (error) {
    if (!isMkimageError(error, 'invalid-reference')) throw error;
    const why = value === '' ? 'it is empty' : error.message.replace(/^parse reference: `.*?`: /s, '');
    throw createTagError(value, why, error.hint);
  }
  throw createTagError(value, 'a tag must not contain a digest', 'remove `@sha256:…`');
}

function createTagError(value: string, why: string, hint: string | undefined): MkimageError {
  return new MkimageError('usage', `read \`--tag ${value}\`: ${why}`, hint === undefined ? {} : { hint });
}
