/** `build --push --part`: pushes the image of each platform as a part of an image that `mkimage join` completes. */
import type { BuildRequest, ImageOptions } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { sealImage } from '../../exporter/index.ts';
import type { BuiltDocument, Descriptor } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import { parsePartName, type SavedImage, sendParts } from '../images/index.ts';
import type { Services } from '../services.ts';
import { createExportImage } from './export-outputs.ts';

const STEP = 'push/parts';

const OPTIONS: ImageOptions = {
  compression: 'gzip',
  level: undefined,
  force: false,
  ociTypes: true,
  names: [],
  annotations: [],
};

/** Checks before the build that parts can be pushed under these names. Throws `usage`, and as `Registry.checkPush`. */
export async function checkPartNames({ registry }: Services, tags: readonly string[], call: Call): Promise<void> {
  if (tags.length === 0) {
    throw new MkimageError('usage', 'push part: the image has no name', {
      hint: 'name it with `-t`, as it will be called after `mkimage join`',
    });
  }
  await Promise.all(tags.map((name) => registry.checkPush(parsePartName(name), call)));
}

interface BuiltParts {
  readonly request: Pick<BuildRequest, 'annotations' | 'tags'>;
  readonly image: SavedImage;
}

/** Returns the descriptor of the manifest that was pushed; of several platforms the first one's. Throws as `sendImage`. */
export async function pushParts(services: Services, { request, image }: BuiltParts, call: Call): Promise<Descriptor> {
  const { store } = services;
  call.report({ type: 'step-started', step: STEP, name: `pushing ${request.tags.length > 1 ? 'parts' : 'part'}` });
  try {
    const exported = createExportImage(services, { request, image });
    const sealed = [];
    for (const each of exported.images) {
      sealed.push(await sealImage({ ...exported, images: [each], isIndex: true }, OPTIONS, { store, call }));
    }
    for (const { descriptor, bytes } of sealed.flatMap(({ documents }) => documents)) {
      store.putSmall(descriptor.mediaType, bytes);
    }
    const indexes = sealed.map(({ documents }) => documents.at(-1)!);
    await sendParts(services, { names: request.tags, indexes, step: STEP }, call);
    const [manifest] = sealed[0]!.documents as readonly [BuiltDocument, ...BuiltDocument[]];
    call.report({ type: 'step-finished', step: STEP, digest: manifest.descriptor.digest });
    return manifest.descriptor;
  } catch (error) {
    call.report({ type: 'step-failed', step: STEP, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}
