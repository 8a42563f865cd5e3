import { MkimageError } from '../errors.ts';
import {
  ANNOTATION,
  type Descriptor,
  encodedOf,
  IMAGE_LAYOUT,
  isIndexType,
  parseManifestOrIndex,
} from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { ImageSink, ImportedImage } from './imported-image.ts';
import { LayoutDirectory } from './layout-directory.ts';
import { entriesOf, layoutImages } from './layout-images.ts';

/**
 * Reads all images of an OCI layout directory; only blobs that an image needs are copied. Symlinks that lead out of the
 * directory, pipes and devices are refused. Throws `not-found`, `invalid-archive`, `integrity`, `limit`.
 */
export async function importLayout(directory: string, sink: ImageSink, call: Call): Promise<readonly ImportedImage[]> {
  const layout = new LayoutDirectory(directory);
  const read = (path: string) => layout.read(path);
  for (const entry of entriesOf(read)) await copyImage(layout, sink, entry, call);
  return layoutImages(read, sink, new Map());
}

/** Reads one image of a layout directory, as far as it is there. Throws as `importLayout`. */
export async function importFromLayout(
  directory: string,
  target: Descriptor,
  sink: ImageSink,
  call: Call,
): Promise<void> {
  await copyImage(new LayoutDirectory(directory), sink, target, call);
}

/**
 * The image of a layout directory that a tag or digest names. The only one needs no name.
 * Throws `not-found`, `invalid-archive`.
 */
export function findInLayout(directory: string, name: string | undefined): Descriptor {
  const layout = new LayoutDirectory(directory);
  const entries = entriesOf((path) => layout.read(path));
  const fitting = entries.filter((entry) => entry.digest === name || tagOf(entry) === (name ?? 'latest'));
  const found = fitting.at(-1) ?? (entries.length === 1 && isNameless(entries[0]!, name) ? entries[0] : undefined);
  if (found !== undefined) return found;
  const tags = [...new Set(entries.flatMap((entry) => tagOf(entry) ?? []))].map((tag) => `\`${tag}\``);
  throw new MkimageError('not-found', `read image layout \`${directory}\`: it has no image \`${name ?? 'latest'}\``, {
    hint: tags.length === 0 ? 'none of its images has a tag; give a digest' : `it has ${tags.slice(0, 12).join(', ')}`,
  });
}

function isNameless(entry: Descriptor, wanted: string | undefined): boolean {
  return wanted === undefined || (tagOf(entry) === undefined && !wanted.startsWith('sha256:'));
}

/** The tag in a reference name, which may be a tag alone or a whole name. */
function tagOf({ annotations }: Descriptor): string | undefined {
  const name = annotations?.[ANNOTATION.refName];
  return name?.slice(name.lastIndexOf(':') + 1);
}

/** Copies what is there; what is missing is judged when all is copied. */
async function copyImage(layout: LayoutDirectory, sink: ImageSink, target: Descriptor, call: Call): Promise<void> {
  if (!(await copyBlob(layout, sink, target, call))) return;
  const found = parseManifestOrIndex(sink.readSmall(target), target);
  if (found.kind === 'index') {
    for (const child of found.index.manifests) {
      // An index that holds itself cannot exist: its digest would have to be in its own bytes.
      if (isIndexType(child.mediaType)) await copyImage(layout, sink, child, call);
      else if (await copyBlob(layout, sink, child, call)) await copyParts(layout, sink, child, call);
    }
  } else await copyParts(layout, sink, target, call);
}

async function copyParts(layout: LayoutDirectory, sink: ImageSink, target: Descriptor, call: Call): Promise<void> {
  const found = parseManifestOrIndex(sink.readSmall(target), target);
  if (found.kind !== 'manifest') return;
  for (const blob of [found.manifest.config, ...found.manifest.layers]) await copyBlob(layout, sink, blob, call);
}

async function copyBlob(layout: LayoutDirectory, sink: ImageSink, blob: Descriptor, call: Call): Promise<boolean> {
  if (await sink.has(blob)) return true;
  const bytes = layout.stream(`${IMAGE_LAYOUT.blobs}/${encodedOf(blob.digest)}`);
  if (bytes === undefined) return false;
  await sink.put(blob, bytes, call);
  return true;
}
