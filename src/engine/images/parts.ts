/**
 * Parts of an image for several platforms, which different machines push to one registry. A part is an index with the
 * image of one platform, under a tag that tells name and platform.
 */
import { MkimageError } from '../../errors.ts';
import {
  type Annotations,
  type BuiltDocument,
  buildIndex,
  type Descriptor,
  formatFamiliarName,
  formatPlatform,
  normalizePlatform,
  type Platform,
  parseIndex,
  parseReference,
  type Reference,
} from '../../oci/index.ts';

/** The image of one platform, as it will be in the whole index. */
export interface Part {
  readonly platform: Platform;
  /** With its platform and annotations. */
  readonly entry: Descriptor;
  /** Annotations of the whole index. */
  readonly annotations: Annotations;
}

/** On the index of a part, with its tag: without it, equal parts of two tags would be deleted together. */
const PART_ANNOTATION = 'mkimage.part';
const MOST_TAG_CHARACTERS = 128;

/** Returns the name whose parts are pushed and joined. Throws `usage` for a digest. */
export function parsePartName(text: string): Reference & { readonly tag: string } {
  const { registry, repository, tag = 'latest', digest } = parseReference(text);
  if (digest === undefined) return { registry, repository, tag };
  throw new MkimageError('usage', `join image \`${text}\`: it has a digest, but the digest is the result`, {
    hint: 'name a tag',
  });
}

/** The beginning of the tags of all parts of a tag. */
export function partTagPrefix(tag: string): string {
  return `${tag}.part.`;
}

/** `v1.part.linux-arm64`. Throws `usage` if it is too long for a tag. */
export function partTagOf(tag: string, platform: Platform): string {
  const name = formatPlatform(normalizePlatform(platform)).replace(/[^\w.-]/g, '-');
  const whole = `${partTagPrefix(tag)}${name}`;
  if (whole.length <= MOST_TAG_CHARACTERS) return whole;
  throw new MkimageError('usage', `name part: the tag \`${tag}\` is too long to add \`.part.${name}\``, {
    hint: `a tag has at most ${MOST_TAG_CHARACTERS} characters`,
  });
}

/** Makes the index of a part. */
export function createPart(partTag: string, { entry, annotations }: Omit<Part, 'platform'>): BuiltDocument {
  return buildIndex({ manifests: [entry], annotations: { ...annotations, [PART_ANNOTATION]: partTag } });
}

/** Reads the index of a part. Throws `invalid-archive` and others for what is not one. */
export function readPart(reference: Reference, descriptor: Descriptor, bytes: Uint8Array): Part {
  const { manifests, annotations = {} } = parseIndex(bytes, descriptor);
  const { [PART_ANNOTATION]: partTag, ...others } = annotations;
  const [entry] = manifests;
  const platform = entry?.platform && normalizePlatform(entry.platform);
  if (manifests.length === 1 && platform !== undefined && partTag === reference.tag) {
    return { platform, entry: entry!, annotations: others };
  }
  throw new MkimageError(
    'invalid-archive',
    `join image: \`${formatFamiliarName(reference)}\` is not a part of an image`,
    {
      hint: 'parts are pushed with `mkimage build --part --push`; remove this tag',
    },
  );
}
