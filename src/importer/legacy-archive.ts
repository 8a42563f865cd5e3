/**
 * Reads archives of Docker before 1.10: `repositories` and a folder per layer with `json` and `layer.tar` (image-spec
 * v1).
 */
import { MkimageError } from '../errors.ts';
import {
  type ContainerConfig,
  type Descriptor,
  formatCanonicalJson,
  type HistoryEntry,
  type ImageConfig,
  MEDIA_TYPE,
  normalizeName,
  parseContainerConfig,
  parseStrictJson,
} from '../oci/index.ts';
import type { ArchiveFiles } from './archive-files.ts';
import { putManifest } from './docker-archive.ts';
import type { ImageSink, ImportedImage } from './imported-image.ts';

/** Docker's own limit was 127 layers. */
const MAX_LAYERS = 1000;
const IMAGE_ID = /^[0-9a-f]{64}$/;

/** The used part of a layer's `json`. */
interface LegacyLayer {
  readonly id: string;
  readonly parent: string | undefined;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Reads all images; makes a config for each from the descriptions of its layers. Throws `invalid-archive`. */
export async function legacyImages(files: ArchiveFiles, sink: ImageSink): Promise<readonly ImportedImage[]> {
  const images: ImportedImage[] = [];
  for (const [id, names] of tops(files)) {
    const chain = chainOf(files, id);
    const layers: Descriptor[] = [];
    for (const layer of chain) {
      const { digest, size } = await files.store(`${layer.id}/layer.tar`);
      layers.push({ mediaType: MEDIA_TYPE.layer, digest, size });
    }
    images.push({
      names,
      target: putManifest(sink, Buffer.from(formatCanonicalJson(configOf(chain, layers))), layers),
    });
  }
  return images;
}

/** Returns image IDs with their names, from `{"app":{"latest":"<id>"}}`. */
function tops(files: ArchiveFiles): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const [repository, tags] of Object.entries(
    record(parseStrictJson(files.read('repositories'), 'repositories')),
  )) {
    for (const [tag, id] of Object.entries(record(tags))) {
      names.set(String(id), [...(names.get(String(id)) ?? []), normalizeName(`${repository}:${tag}`)]);
    }
  }
  return names;
}

/** The layers of an image, lowest first. */
function chainOf(files: ArchiveFiles, top: string): readonly LegacyLayer[] {
  const chain: LegacyLayer[] = [];
  for (let id: string | undefined = top; id !== undefined; ) {
    if (chain.length === MAX_LAYERS)
      throw broken(`image \`${top}\` has more than ${MAX_LAYERS} layers or is its own parent`);
    const layer = layerAt(files, id);
    chain.unshift(layer);
    id = layer.parent;
  }
  return chain;
}

function layerAt(files: ArchiveFiles, id: string): LegacyLayer {
  if (!IMAGE_ID.test(id)) throw broken(`\`${id.slice(0, 80)}\` is not an image ID`);
  const json = record(parseStrictJson(files.read(`${id}/json`), `${id}/json`));
  return { id, parent: text(json.parent), json };
}

function configOf(chain: readonly LegacyLayer[], layers: readonly Descriptor[]): ImageConfig {
  const top = chain.at(-1)!.json;
  return {
    architecture: text(top.architecture) ?? 'amd64',
    os: text(top.os) ?? 'linux',
    ...withText('created', top.created),
    ...withText('author', top.author),
    config: containerConfig(top.config ?? top.container_config),
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: chain.map(({ json }) => historyOf(json)),
  };
}

function historyOf(json: Readonly<Record<string, unknown>>): HistoryEntry {
  const command = containerConfig(json.container_config).Cmd?.join(' ');
  return {
    ...withText('created', json.created),
    ...withText('created_by', command),
    ...withText('author', json.author),
    ...withText('comment', json.comment),
  };
}

function containerConfig(value: unknown): ContainerConfig {
  return value === undefined || value === null ? {} : parseContainerConfig(value, 'json.config');
}

function withText<K extends string>(name: K, value: unknown): { readonly [name in K]?: string } {
  const found = text(value);
  return (found === undefined ? {} : { [name]: found }) as { readonly [name in K]?: string };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw broken('a layer description is not an object');
}

function broken(detail: string): MkimageError {
  return new MkimageError('invalid-archive', `read archive: ${detail}`);
}
