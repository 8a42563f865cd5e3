import { isMkimageError, MkimageError } from '../errors.ts';
import { formatReference, parseReference } from '../oci/index.ts';

/** `--tag NAME[:TAG]`, normalised. A name that nothing can be called would otherwise only be found out when all is built. */
export function readTag(value: string): string {
  try {
    const reference = parseReference(value);
    if (reference.digest === undefined) return formatReference(reference);
  } catch (error) {
    if (!isMkimageError(error, 'invalid-reference')) throw error;
    const why = value === '' ? 'it is empty' : error.message.replace(/^parse reference: `.*?`: /s, '');
    throw badTag(value, why, error.hint);
  }
  throw badTag(value, 'a digest is found out by building', 'leave out `@sha256:…`');
}

function badTag(value: string, why: string, hint: string | undefined): MkimageError {
  return new MkimageError('usage', `read \`--tag ${value}\`: ${why}`, hint === undefined ? {} : { hint });
}
