import type { Writable } from 'node:stream';
import type { ImageOptions, OutputSpec } from '../api/index.ts';
import type { FileTree } from '../content/index.ts';
import { type Descriptor, formatPlatform, type Layer, normalizePlatform, parseReference } from '../oci/index.ts';
import type { Call, StepId } from '../progress.ts';
import { writeImages } from './image-archive.ts';
import { writeLayout } from './image-layout.ts';
import type { LayerBlobs } from './layer-forms.ts';
import type { PlatformTree } from './rootfs/combined-tree.ts';
import { type ExportImage, sealImage } from './sealed-image.ts';

export interface ExportServices {
  readonly store: ExportStore;
  /** Returns the merged root filesystem of a stack of layers. */
  readonly catalog: { tree(layers: readonly Layer[], call: Call): Promise<FileTree> };
  readonly stdout: () => Writable;
  /** Progress is reported under this step. */
  readonly step: StepId;
}

/** What the export needs of the store. */
export interface ExportStore extends LayerBlobs {
  putSmall(mediaType: string, bytes: Uint8Array | string): Descriptor;
  tag(names: readonly string[], target: Descriptor): Promise<void>;
}

export interface ExportResult {
  /** The descriptor of the written manifest or index; undefined if the output has none. */
  readonly descriptor: Descriptor | undefined;
}

interface ExportContext {
  readonly services: ExportServices;
  readonly call: Call;
}

/**
 * Writes a finished image to an output. Throws `usage` and `store` if the output cannot be written, `integrity`,
 * `cancelled`.
 */
export async function exportImage(
  image: ExportImage,
  output: OutputSpec,
  { services, call }: ExportContext,
): Promise<ExportResult> {
  return { descriptor: await write(image, output, { services, call }) };
}

async function write(
  image: ExportImage,
  output: OutputSpec,
  { services, call }: ExportContext,
): Promise<Descriptor | undefined> {
  switch (output.type) {
    case 'oci':
    case 'docker':
      return writeImage(image, output, { services, call });
    case 'image':
      return keepImage(image, output, { services, call });
    case 'tar': {
      const { writeRootfsTar } = await import('./rootfs/rootfs-tar.ts');
      await writeRootfsTar(await rootOf(image, output, { services, call }), { ...services, dest: output.dest }, call);
      return undefined;
    }
    case 'local': {
      const { writeRootfsLocal } = await import('./rootfs/rootfs-local.ts');
      await writeRootfsLocal(await rootOf(image, output, { services, call }), output, { step: services.step, call });
      return undefined;
    }
    case 'cacheonly':
      return undefined;
  }
}

interface RootContext {
  readonly services: ExportServices;
  readonly call: Call;
}

/**
 * Returns the root filesystem, or the part that the output selects. Those of several platforms are in a folder for
 * each, as `linux_amd64`.
 */
async function rootOf(
  image: ExportImage,
  output: OutputSpec & { type: 'tar' | 'local' },
  { services: { catalog }, call }: RootContext,
): Promise<FileTree> {
  const parts: PlatformTree[] = [];
  for (const { layers, platform } of image.images) {
    const tree = selectSource(await catalog.tree(layers, call), output.source);
    parts.push({ folder: formatPlatform(normalizePlatform(platform)).replaceAll('/', '_'), tree: await tree });
  }
  const [first] = parts as [PlatformTree];
  const isSplit = output.split ?? image.isIndex;
  if (!isSplit && parts.length === 1) return first.tree;
  const { createMergedTree, createSplitTree } = await import('./rootfs/combined-tree.ts');
  return isSplit ? createSplitTree(parts, output.epoch ?? 0) : createMergedTree(parts);
}

async function selectSource(tree: FileTree, source: string | undefined): Promise<FileTree> {
  if (source === undefined) return tree;
  const { subtree } = await import('./rootfs/subtree.ts');
  return subtree(tree, source);
}

async function writeImage(
  image: ExportImage,
  output: OutputSpec & { type: 'oci' | 'docker' },
  { services, call }: ExportContext,
): Promise<Descriptor> {
  const sealed = await sealImage(
    image,
    { ...output.image, compression: output.image.compression ?? 'gzip' },
    { store: services.store, call },
  );
  if (output.tar) await writeImages([sealed], { ...services, dest: output.dest }, call);
  else await writeLayout([sealed], { ...services, dest: output.dest }, call);
  return sealed.target;
}

interface KeepContext {
  readonly services: ExportServices;
  readonly call: Call;
}

/** Layers are compressed for registries. */
export function toPushedForm(image: ImageOptions): ImageOptions {
  return { ...image, compression: image.compression ?? 'gzip' };
}

/** An image that is pushed by its digest gets no tag here either. */
function chooseNames(names: readonly string[], { push }: OutputSpec & { type: 'image' }, target: Descriptor) {
  const canonical = push?.canonical !== true ? [] : names.map((name) => `${withoutTag(name)}@${target.digest}`);
  return [...new Set([...(push?.byDigest === true ? [] : names), ...canonical])];
}

function withoutTag(name: string): string {
  const { registry, repository } = parseReference(name);
  return `${registry}/${repository}`;
}

/** The image is in the store already: only its names and, if requested, another form of its layers are added. */
async function keepImage(
  image: ExportImage,
  output: OutputSpec & { type: 'image' },
  { services: { store }, call }: KeepContext,
): Promise<Descriptor> {
  const options = output.push === undefined ? output.image : toPushedForm(output.image);
  const { documents, target, names } = await sealImage(image, options, { store, call });
  for (const { descriptor, bytes } of documents) store.putSmall(descriptor.mediaType, bytes);
  await store.tag(chooseNames(names, output, target), target);
  return target;
}
