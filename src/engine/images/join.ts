/** `mkimage join`: makes one image for several platforms of parts that different machines have pushed. */
import type { JoinRequest, JoinResult } from '../../api/index.ts';
import { workSideBySide } from '../../content/index.ts';
import { isMkimageError, MkimageError } from '../../errors.ts';
import {
  type Annotations,
  type BuiltDocument,
  buildIndex,
  completePlatform,
  formatFamiliarName,
  formatPlatform,
  formatReference,
  MEDIA_TYPE,
  type Platform,
  type Reference,
} from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import type { Registry } from '../../registry/index.ts';
import { type Part, parsePartName, partTagOf, partTagPrefix, readPart } from './parts.ts';

export interface JoinServices {
  readonly registry: Registry;
  readonly config: { readonly platform: Platform };
}

const STEP = 'join/0';
const AT_ONCE = 4;

/** A part and the tag that it was found under. */
interface FoundPart extends Part {
  readonly reference: Reference & { readonly tag: string };
}

/**
 * Pushes the index of the parts of a name under that name. The index has the same bytes as that of one build for all
 * platforms. Removes the parts if the registry allows it. Throws `not-found` for missing parts or images, `usage` for
 * two parts of one platform, `invalid-archive`, and as `Registry`.
 */
export async function joinImage(services: JoinServices, request: JoinRequest, call: Call): Promise<JoinResult> {
  const name = parsePartName(request.image);
  call.report({ type: 'step-started', step: STEP, name: `joining ${formatFamiliarName(name)}` });
  try {
    const found = await findParts(services, { name, request }, call);
    const parts = sortParts(found, name);
    await requireImages(services, parts, call);
    const { bytes, descriptor } = buildJoined(parts, call);
    await services.registry.putManifest(name, { mediaType: descriptor.mediaType, bytes }, call);
    if (!request.keepsParts) await removeParts(services, parts, call);
    call.report({ type: 'step-finished', step: STEP, digest: descriptor.digest });
    return { reference: formatReference(name), descriptor, platforms: parts.map(({ platform }) => platform) };
  } catch (error) {
    call.report({ type: 'step-failed', step: STEP, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

interface Wanted {
  readonly name: Reference & { readonly tag: string };
  readonly request: JoinRequest;
}

async function findParts(services: JoinServices, { name, request }: Wanted, call: Call): Promise<readonly FoundPart[]> {
  const expected = request.expect.map((platform) => completePlatform(platform, services.config.platform));
  const tags =
    expected.length > 0 ? expected.map((each) => partTagOf(name.tag, each)) : await listParts(services, name, call);
  const read = (tag: string, bounded: Call) => fetchPart(services, { ...name, tag }, bounded);
  const found = await workSideBySide([...new Set(tags)], { atOnce: AT_ONCE, work: read }, call);
  const parts = found.filter((part) => part !== undefined);
  const missing = expected.filter(
    (platform) => !parts.some((part) => formatPlatform(part.platform) === formatPlatform(platform)),
  );
  if (missing.length === 0 && parts.length > 0) return parts;
  throw await createMissingError(services, { name, missing, parts }, call);
}

async function listParts({ registry }: JoinServices, name: Wanted['name'], call: Call): Promise<readonly string[]> {
  const tags: string[] = [];
  const prefix = partTagPrefix(name.tag);
  try {
    for await (const tag of registry.listTags(name, call)) if (tag.startsWith(prefix)) tags.push(tag);
  } catch (error) {
    if (!isMkimageError(error, 'not-found')) throw error;
  }
  return tags;
}

async function fetchPart(
  { registry }: JoinServices,
  reference: FoundPart['reference'],
  call: Call,
): Promise<FoundPart | undefined> {
  try {
    const { descriptor, bytes } = await registry.manifest(reference, call);
    return { ...readPart(reference, descriptor, bytes), reference };
  } catch (error) {
    if (isMkimageError(error, 'not-found')) return undefined;
    throw error;
  }
}

interface Missing {
  readonly name: Wanted['name'];
  readonly missing: readonly Platform[];
  readonly parts: readonly FoundPart[];
}

async function createMissingError(
  { registry }: JoinServices,
  { name, missing, parts }: Missing,
  call: Call,
): Promise<MkimageError> {
  const what = missing.length === 0 ? 'no parts' : `no part for ${missing.map(formatPlatform).join(', ')}`;
  const there = parts.map(({ platform }) => formatPlatform(platform));
  const joined = parts.length > 0 ? undefined : await registry.findManifest(name, call).catch(() => undefined);
  const hints = [
    'push a part with `mkimage build --platform PLATFORM --part --push -t NAME`',
    ...(there.length === 0 ? [] : [`there are parts for ${there.join(', ')}`]),
    ...(joined === undefined ? [] : ['the name exists: a join removes its parts, unless `--keep-parts` is set']),
  ];
  return new MkimageError('not-found', `join image \`${formatFamiliarName(name)}\`: the registry has ${what}`, {
    hint: hints.join('; '),
  });
}

/** In the order of an index. Throws `usage` if two are for one platform. */
function sortParts(parts: readonly FoundPart[], name: Wanted['name']): readonly FoundPart[] {
  const byPlatform = new Map<string, FoundPart>();
  for (const part of parts) {
    const platform = formatPlatform(part.platform);
    const other = byPlatform.get(platform);
    if (other !== undefined) {
      const tags = [other, part]
        .map(({ reference }) => reference.tag)
        .sort()
        .map((tag) => `\`${tag}\``);
      throw new MkimageError(
        'usage',
        `join image \`${formatFamiliarName(name)}\`: ${tags.join(' and ')} are both for ${platform}`,
        {
          hint: 'remove one of these tags, or name the platforms with `--expect`',
        },
      );
    }
    byPlatform.set(platform, part);
  }
  return [...byPlatform].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
}

/** A registry need not refuse an index whose images it does not have. */
async function requireImages({ registry }: JoinServices, parts: readonly FoundPart[], call: Call): Promise<void> {
  const work = async ({ reference, platform, entry }: FoundPart, bounded: Call) => {
    const { tag: _, ...repository } = reference;
    if ((await registry.findManifest({ ...repository, digest: entry.digest }, bounded)) !== undefined) return;
    const what = `the image for ${formatPlatform(platform)} (${entry.digest}) is not in the registry any more`;
    throw new MkimageError('not-found', `join image: ${what}`, { hint: 'build and push this part again' });
  };
  await workSideBySide(parts, { atOnce: AT_ONCE, work }, call);
}

function buildJoined(parts: readonly FoundPart[], call: Call): BuiltDocument {
  const isDocker = parts.every(({ entry }) => entry.mediaType === MEDIA_TYPE.dockerManifest);
  return buildIndex({
    dialect: isDocker ? 'docker' : 'oci',
    manifests: parts.map(({ entry }) => entry),
    annotations: mergeAnnotations(parts, call),
  });
}

/** Builds on other machines may give the index other values, such as a time. */
function mergeAnnotations(parts: readonly FoundPart[], call: Call): Annotations {
  const merged = new Map<string, string>();
  for (const { annotations, platform } of parts) {
    for (const [key, value] of Object.entries(annotations)) {
      const known = merged.get(key);
      if (known === undefined) merged.set(key, value);
      else if (known !== value) {
        const message = `annotation \`${key}\` of ${formatPlatform(platform)} is ignored: another part has another value`;
        call.report({ type: 'warning', message });
      }
    }
  }
  return Object.fromEntries(merged);
}

/** The image is complete, so a part that cannot be removed is only a note. */
async function removeParts({ registry }: JoinServices, parts: readonly FoundPart[], call: Call): Promise<void> {
  const remove = async ({ reference }: FoundPart): Promise<string | undefined> => {
    try {
      const found = await registry.findManifest(reference, call);
      const { tag: _, ...repository } = reference;
      if (found !== undefined) await registry.deleteManifest({ ...repository, digest: found.digest }, call);
      return undefined;
    } catch (error) {
      if (!(error instanceof MkimageError) || error.code === 'cancelled') throw error;
      return error.message;
    }
  };
  const [why] = (await Promise.all(parts.map(remove))).filter((message) => message !== undefined);
  if (why !== undefined) call.report({ type: 'note', message: `parts are left in the registry: ${why}` });
}
