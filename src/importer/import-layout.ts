import { copyContent } from '../content/index.ts';
import { isMkimageError, MkimageError } from '../errors.ts';
import { ANNOTATION, type Descriptor, fetchManifestGraph, listNodes } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { ImageSink, ImportedImage } from './imported-image.ts';
import { LayoutDirectory } from './layout-directory.ts';
import { entriesOf, layoutImages } from './layout-images.ts';

/**
 * Reads all images of an OCI layout directory; copies only blobs that an image needs. Rejects symlinks that lead out
 * of the directory, pipes and devices. Throws `not-found`, `invalid-archive`, `integrity`, `limit`.
 */
export async function importLayout(directory: string, sink: ImageSink, call: Call): Promise<readonly ImportedImage[]> {
  const layout = new LayoutDirectory(directory);
  const read = (path: string) => layout.read(path);
  for (const entry of entriesOf(read)) await copyImage({ layout, sink, call }, entry);
  return layoutImages(read, sink, new Map());
}

interface ImportContext {
  readonly sink: ImageSink;
  readonly call: Call;
}

/** Reads one image of a layout directory with the blobs that it contains. Throws as `importLayout`. */
export async function importFromLayout(
  directory: string,
  target: Descriptor,
  { sink, call }: ImportContext,
): Promise<void> {
  await copyImage({ layout: new LayoutDirectory(directory), sink, call }, target);
}

/**
 * Finds the image of a layout directory by tag or digest. A layout with one image needs no name. Throws `not-found`,
 * `invalid-archive`.
 */
export function findInLayout(directory: string, name: string | undefined): Descriptor {
  const layout = new LayoutDirectory(directory);
  const entries = entriesOf((path) => layout.read(path));
  const fitting = entries.filter((entry) => entry.digest === name || tagOf(entry) === (name ?? 'latest'));
  const found = fitting.at(-1) ?? (entries.length === 1 && isNameless(entries[0]!, name) ? entries[0] : undefined);
  if (found !== undefined) return found;
  const tags = [...new Set(entries.flatMap((entry) => tagOf(entry) ?? []))].map((tag) => `\`${tag}\``);
  throw new MkimageError('not-found', `read image layout \`${directory}\`: image \`${name ?? 'latest'}\` not found`, {
    hint:
      tags.length === 0
        ? 'none of its images has a tag; give a digest'
        : `its tags are ${tags.slice(0, 12).join(', ')}`,
  });
}

function isNameless(entry: Descriptor, wanted: string | undefined): boolean {
  return wanted === undefined || (tagOf(entry) === undefined && !wanted.startsWith('sha256:'));
}

/** Returns the tag of a reference name, which may be only a tag or a full name. */
function tagOf({ annotations }: Descriptor): string | undefined {
  const name = annotations?.[ANNOTATION.refName];
  return name?.slice(name.lastIndexOf(':') + 1);
}

interface Copying {
  readonly layout: LayoutDirectory;
  readonly sink: ImageSink;
  readonly call: Call;
}

/** Copies the existing blobs; the caller checks for missing ones afterwards. */
async function copyImage(copying: Copying, target: Descriptor): Promise<void> {
  const graph = await fetchManifestGraph(target, async (descriptor) =>
    (await copyBlob(copying, descriptor)) ? copying.sink.readSmall(descriptor) : undefined,
  );
  for (const node of listNodes(graph)) {
    if (node.kind !== 'manifest') continue;
    for (const blob of [node.manifest.config, ...node.manifest.layers]) await copyBlob(copying, blob);
  }
}

async function copyBlob({ layout, sink, call }: Copying, blob: Descriptor): Promise<boolean> {
  try {
    await copyContent(blob, { from: layout, to: sink }, call);
    return true;
  } catch (error) {
    if (isMkimageError(error, 'not-found')) return false;
    throw error;
  }
}
