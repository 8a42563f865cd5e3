import { parseReference } from '../oci/index.ts';
import type { StoredImage } from './index.ts';

/** Finds an image by `repository@digest`, whatever its tag. */
export function findByDigest(images: readonly StoredImage[], name: string): StoredImage | undefined {
  const { registry, repository, digest } = parseReference(name);
  if (digest === undefined) return undefined;
  return images.find((image) => {
    const own = image.name === undefined ? undefined : parseReference(image.name);
    return image.target.digest === digest && own?.registry === registry && own.repository === repository;
  });
}
