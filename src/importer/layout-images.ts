/** Imports the images of an OCI layout whose blobs are already in the sink. */
import { isMkimageError, MkimageError, readOrUndefined } from '../errors.ts';
import {
  ANNOTATION,
  type Descriptor,
  IMAGE_LAYOUT,
  isReferrer,
  type Manifest,
  type ManifestNode,
  normalizeName,
  parseIndex,
  parseStrictJson,
  readManifestGraph,
} from '../oci/index.ts';
import type { ImageSink, ImportedImage } from './imported-image.ts';

/**
 * Returns every image of `index.json` and checks that it is complete. `tags` are names by config digest, for images
 * that the index does not name (an archive that is also a docker-archive). Throws `invalid-archive`, `integrity`.
 */
export async function layoutImages(
  read: (path: string) => Uint8Array,
  sink: ImageSink,
  tags: ReadonlyMap<string, readonly string[]>,
): Promise<readonly ImportedImage[]> {
  const images = new Map<string, ImportedImage>();
  for (const entry of entriesOf(read)) {
    const target = bare(entry);
    const manifests = await completeManifests(sink, graphOf(sink, target));
    const own = namesIn(entry);
    const names = own.length > 0 ? own : manifests.flatMap(({ config }) => tags.get(config.digest) ?? []);
    const known = images.get(target.digest)?.names ?? [];
    images.set(target.digest, { target, names: [...new Set([...known, ...names])] });
  }
  return [...images.values()];
}

/** Returns the entries of `index.json`, if the layout has a known version. */
export function entriesOf(read: (path: string) => Uint8Array): readonly Descriptor[] {
  const marker = parseStrictJson(read(IMAGE_LAYOUT.marker), IMAGE_LAYOUT.marker) as {
    imageLayoutVersion?: unknown;
  } | null;
  if (marker?.imageLayoutVersion !== IMAGE_LAYOUT.version) {
    const version = String(marker?.imageLayoutVersion).slice(0, 20);
    throw new MkimageError(
      'unsupported',
      `read image layout: unknown version \`${version}\`, expected ${IMAGE_LAYOUT.version}`,
    );
  }
  const { manifests } = parseIndex(read(IMAGE_LAYOUT.index));
  return manifests.filter((entry) => !isReferrer(entry));
}

function graphOf(sink: ImageSink, target: Descriptor): ManifestNode {
  return readManifestGraph(target, (descriptor) => readOrUndefined(() => sink.readSmall(descriptor), 'not-found'));
}

/**
 * Returns the complete manifests of a graph. A single manifest must be complete; in an index some may be incomplete,
 * but not all.
 */
async function completeManifests(sink: ImageSink, node: ManifestNode): Promise<readonly Manifest[]> {
  if (node.kind === 'repeated') return [];
  if (node.kind === 'unread') throw createMissingError(node.descriptor);
  if (node.kind === 'manifest') return [await checkBlobs(sink, node.manifest)];
  let complete: readonly Manifest[] = [];
  let fault: unknown;
  for (const child of node.children) {
    try {
      complete = complete.concat(await completeManifests(sink, child));
    } catch (error) {
      if (!isMissing(error)) throw error;
      fault ??= error;
    }
  }
  if (complete.length === 0 && fault !== undefined) throw fault;
  return complete;
}

async function checkBlobs(sink: ImageSink, manifest: Manifest): Promise<Manifest> {
  for (const blob of [manifest.config, ...manifest.layers]) if (!(await sink.has(blob))) throw createMissingError(blob);
  return manifest;
}

/**
 * containerd's annotation is a full name. The spec's annotation may be only a tag (BuildKit writes `latest`), which is
 * no name.
 */
function namesIn({ annotations = {} }: Descriptor): readonly string[] {
  const full = annotations[ANNOTATION.imageName];
  if (full !== undefined) return [normalizeName(full)];
  const ref = annotations[ANNOTATION.refName];
  return ref !== undefined && /[/:]/.test(ref) ? [normalizeName(ref)] : [];
}

function bare(entry: Descriptor): Descriptor {
  const { annotations, ...rest } = entry;
  const { [ANNOTATION.imageName]: _name, [ANNOTATION.refName]: _ref, ...others } = annotations ?? {};
  return Object.keys(others).length === 0 ? rest : { ...rest, annotations: others };
}

function createMissingError(blob: Descriptor): MkimageError {
  return new MkimageError('invalid-archive', `read image: blob ${blob.digest} (${blob.size} bytes) is missing`, {
    evidence: { missing: blob.digest },
  });
}

function isMissing(error: unknown): boolean {
  return isMkimageError(error, 'invalid-archive') && error.evidence?.missing !== undefined;
}
