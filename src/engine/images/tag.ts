import type { TagRequest, TagResult } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { type Descriptor, normalizeName, parseReference } from '../../oci/index.ts';
import { findImage, type ImageStoreServices } from './stored-images.ts';

/** Gives an image additional names. Throws `not-found`, `invalid-reference`, `usage` for a name with a digest. */
export async function tagImage(services: ImageStoreServices, request: TagRequest): Promise<TagResult> {
  const names = request.names.map(tagName);
  const target = targetOf(services, request.source);
  await services.store.tag(names, target);
  return { names };
}

function targetOf(services: ImageStoreServices, source: string): Descriptor {
  const { entries, name } = findImage(services, source);
  return (entries.find((entry) => entry.name === name) ?? entries[0]).target;
}

function tagName(text: string): string {
  if (parseReference(text).digest === undefined) return normalizeName(text);
  throw new MkimageError('usage', `tag image: \`${text}\` has a digest; only a tag can be given`);
}
