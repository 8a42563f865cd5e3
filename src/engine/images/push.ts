import type { PushRequest, PushResult } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { compressStoredImage } from '../../exporter/index.ts';
import {
  completePlatform,
  type Descriptor,
  formatFamiliarName,
  formatReference,
  type Platform,
  parseReference,
  type Reference,
} from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import type { Registry } from '../../registry/index.ts';
import { readImage, type Store } from '../../store/index.ts';
import { type MendServices, withBlame } from '../state/index.ts';
import { type SendServices, type SentBlob, sendImage } from './push/send-image.ts';

export interface PushServices extends SendServices, MendServices {
  readonly store: Store;
  readonly config: { readonly platform: Platform };
  readonly insecureRegistry: (names: readonly string[]) => Registry;
}

const STEP = 'push/0';

/**
 * Sends images of the store to their registry. Layers that are stored plain are compressed first. Throws `not-found` for a name that
 * the store does not have, `usage`, and as `Registry`.
 */
export async function pushImage(all: PushServices, request: PushRequest, call: Call): Promise<PushResult> {
  const reference = readReference(request);
  const { registry, repository } = reference;
  const services = request.insecure ? { ...all, registry: all.insecureRegistry([registry]) } : all;
  const wanted = request.allTags ? findTags(services.store, reference) : [findTag(services.store, reference)];
  await using _lease = await services.store.lease();
  const name = `pushing ${registry}/${repository}`;
  call.report({ type: 'step-started', step: STEP, name });
  try {
    const sent = await sendAll(services, { wanted, request, reference }, call);
    call.report({ type: 'step-finished', step: STEP });
    return { repository: `${registry}/${repository}`, ...sent };
  } catch (error) {
    call.report({ type: 'step-failed', step: STEP, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

interface Tagged {
  readonly tag: string;
  readonly target: Descriptor;
}

interface Sending {
  readonly wanted: readonly Tagged[];
  readonly request: PushRequest;
  readonly reference: Reference;
}

/** Sends each image once, with all its tags. */
async function sendAll(
  services: PushServices,
  { wanted, request, reference: { registry, repository } }: Sending,
  call: Call,
): Promise<Pick<PushResult, 'layers' | 'tags'>> {
  const sent = new Map<string, SentBlob>();
  const targets = new Map<string, Descriptor>();
  for (const { target } of new Map(wanted.map((each) => [each.target.digest, each])).values()) {
    const tags = wanted.filter((each) => each.target.digest === target.digest).map(({ tag }) => tag);
    const send = async () => {
      const chosen = choosePlatform(services, target, request);
      const compressed = await compressStoredImage(chosen, { store: services.store, call });
      const destination = { registry, repository, tags };
      const { layers } = await sendImage(services, { target: compressed, destination, step: STEP }, call);
      for (const each of layers) if (!sent.has(each.blob.digest)) sent.set(each.blob.digest, each);
      return compressed;
    };
    targets.set(target.digest, await withBlame(services, send, { call }));
  }
  const layers = [...sent.values()].map(({ blob, ...rest }) => ({ digest: blob.digest, ...rest }));
  const tags = wanted.map(({ tag, target: { digest } }) => ({ tag, descriptor: targets.get(digest)! }));
  return { layers, tags };
}

function choosePlatform({ store, config }: PushServices, target: Descriptor, { platform }: PushRequest): Descriptor {
  if (platform === undefined) return target;
  const { mediaType, digest, size } = readImage(store, target, completePlatform(platform, config.platform)).descriptor;
  return { mediaType, digest, size };
}

function readReference({ image, allTags }: PushRequest): Reference {
  const reference = parseReference(image);
  if (reference.digest !== undefined) {
    throw new MkimageError('usage', `push image: \`${image}\` has a digest; a push needs a tag`);
  }
  if (allTags && image.lastIndexOf(':') > image.lastIndexOf('/')) {
    throw new MkimageError('usage', "push image: tag can't be used with --all-tags/-a");
  }
  return reference;
}

function findTag(store: Store, reference: Reference): Tagged {
  const found = store.resolve(formatReference(reference));
  if (found !== undefined) return { tag: reference.tag ?? 'latest', target: found.target };
  throw createMissingError(formatFamiliarName(reference));
}

/** All tags of the repository in the store. */
function findTags(store: Store, { registry, repository }: Reference): readonly Tagged[] {
  const tagged = store.list().flatMap(({ name, target }) => {
    const own = name === undefined ? undefined : parseReference(name);
    const isOfIt = own?.registry === registry && own.repository === repository && own.tag !== undefined;
    return isOfIt ? [{ tag: own.tag!, target }] : [];
  });
  if (tagged.length > 0) return tagged.toSorted((a, b) => (a.tag < b.tag ? -1 : 1));
  throw createMissingError(formatFamiliarName({ registry, repository }));
}

function createMissingError(name: string): MkimageError {
  return new MkimageError('not-found', `push image: an image does not exist locally with the tag: ${name}`, {
    hint: 'give an image this name with `mkimage build -t` or `mkimage tag`',
  });
}
