import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createMemoryContent, type FileLocation, type FileTree, walkTree } from '../../src/content/index.ts';
import type { Chain } from '../../src/executor/index.ts';
import type { ChainTrees, LayerBytes, LayerOutput } from '../../src/executor/services.ts';
import { type LayerIndex, LayerWriter } from '../../src/layer/index.ts';
import { createLayeredTree, type Held } from '../../src/layer/tree.ts';
import { type Digest, digestOf, type Layer, type ResolvedImage } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { changesOf } from '../support/changes-of.ts';
import { type Sketch, treeOf } from '../support/tree-of.ts';

/** Layers that are held in memory, with all that an executor does with layers. */
export interface MemoryLayers extends LayerOutput, ChainTrees, LayerBytes {
  readonly hasLayer: (layer: Layer) => Promise<boolean>;
  /** Makes a layer of a sketch, as a step would. */
  readonly add: (sketch: Readonly<Record<string, Sketch>>) => Promise<Layer>;
  /** Takes the bytes of a layer away, as a prune does. */
  readonly lose: (layer: Layer) => void;
  /** References of images whose layers were asked for. */
  readonly fetched: readonly string[];
  /** How many layers were written. */
  readonly written: () => number;
}

export function memoryLayers(): MemoryLayers {
  const content = createMemoryContent();
  const indexes = new Map<Digest, LayerIndex>();
  const lost = new Set<Digest>();
  const fetched: string[] = [];
  let written = 0;
  const bytesOf = ({ index, entry }: Held): Buffer =>
    content.blobs.get(index.diffId)!.subarray(entry.offset ?? 0, (entry.offset ?? 0) + entry.size);
  const locate = (held: Held): FileLocation => ({ kind: 'bytes', bytes: bytesOf(held) });
  const treeOfLayers = (layers: readonly Layer[]): FileTree =>
    createLayeredTree(
      layers.map(({ diffId }) => indexes.get(diffId)!),
      { locate, digest: (held) => digestOf(bytesOf(held)) },
    );
  const remember = (layer: Layer, index: LayerIndex): void => {
    written += 1;
    indexes.set(layer.diffId, index);
    lost.delete(layer.diffId);
  };
  return {
    blobs: content,
    trees: {
      remember,
      sameButTimes: async (one, other) => {
        const [first, second] = [one, other].map((layer) => factsOf(treeOfLayers([layer])).join('\n'));
        return first === second;
      },
    },
    treeOf: async ({ layers }: Chain) => treeOfLayers(layers),
    ensureLayers: async ({ reference }: ResolvedImage) => void fetched.push(reference),
    unpack: async (layer, directory) => {
      const tree = treeOfLayers([layer]);
      for (const { path, type } of walkTree(tree)) {
        const target = join(directory, path);
        mkdirSync(type === 'directory' ? target : dirname(target), { recursive: true });
        if (type === 'file') writeFileSync(target, ((await tree.locate(path)) as { bytes: Uint8Array }).bytes);
      }
    },
    hasLayer: async ({ diffId }) => indexes.has(diffId) && !lost.has(diffId),
    add: async (sketch) => {
      await using writer = new LayerWriter(content);
      await writer.addAll(await changesOf(treeOf(sketch)), createQuietCall());
      const { layer, index } = await writer.finish();
      remember(layer, index);
      written -= 1;
      return layer;
    },
    lose: ({ diffId }) => void lost.add(diffId),
    fetched,
    written: () => written,
  };
}

/** All of a tree but its times. */
function factsOf(tree: FileTree): readonly string[] {
  return [...walkTree(tree)].map(({ path, type, mode, uid, gid }) =>
    [path, type, mode, uid, gid, type === 'file' ? tree.digest(path) : ''].join(' '),
  );
}
