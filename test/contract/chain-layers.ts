/** What the executor may expect of layers that it writes and reads. Run on the real catalog and store, and on the fake. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type FileTree, locateContent } from '../../src/content/index.ts';
import { chainOf } from '../../src/executor/chain.ts';
import type { ChainTrees, LayerBytes, LayerOutput, StepCache } from '../../src/executor/services.ts';
import { type Change, LayerWriter } from '../../src/layer/index.ts';
import { digestOf, type Layer, MEDIA_TYPE } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { changesOf } from '../support/changes-of.ts';
import { tempDir } from '../support/temp.ts';
import { type Sketch, treeOf } from '../support/tree-of.ts';

type Add = (name: string, run: () => Promise<void>) => void;

export type ChainLayers = LayerOutput & ChainTrees & Pick<LayerBytes, 'unpack'> & Pick<StepCache, 'hasLayer'>;

export function chainLayersContract(test: Add, layers: ChainLayers): void {
  const call = createQuietCall();
  const write = async (changes: readonly Change[]): Promise<Layer> => {
    await using writer = new LayerWriter(layers.blobs);
    await writer.addAll(changes, call);
    const { layer, index } = await writer.finish();
    layers.trees.remember(layer, index);
    return layer;
  };
  const writeSketch = async (sketch: Readonly<Record<string, Sketch>>): Promise<Layer> =>
    write(await changesOf(treeOf(sketch)));
  const merge = (...stack: readonly Layer[]): Promise<FileTree> => layers.treeOf(chainOf(stack), call);

  test('a file of an upper layer hides the one below, and the others stay', async () => {
    const tree = await merge(
      await writeSketch({ 'etc/name': 'low', 'etc/kept': 'kept' }),
      await writeSketch({ 'etc/name': 'high' }),
    );
    assert.is(await readText(tree, 'etc/name'), 'high');
    assert.is(await readText(tree, 'etc/kept'), 'kept');
    assert.equal(await tree.digest('etc/name'), digestOf('high'));
    assert.equal(
      tree.list('etc').map(({ path }) => path),
      ['etc/kept', 'etc/name'],
    );
  });

  test('a deletion hides what is below it, and only in the chain that has it', async () => {
    const low = await writeSketch({ 'a/one': '1', 'a/two': '2' });
    const without = await write([{ kind: 'delete', path: 'a/one' }]);
    assert.is((await merge(low, without)).stat('a/one'), undefined);
    assert.is(await readText(await merge(low, without), 'a/two'), '2');
    assert.is(await readText(await merge(low), 'a/one'), '1');
  });

  test('the facts of a file are those that were written', async () => {
    const tree = await merge(await writeSketch({ tool: { text: '#!', mode: 0o755, uid: 7, gid: 8, mtime: 42 } }));
    const { type, mode, uid, gid, mtime, size } = tree.stat('tool')!;
    assert.equal(
      { type, mode, uid, gid, mtime, size },
      { type: 'file', mode: 0o755, uid: 7, gid: 8, mtime: 42, size: 2 },
    );
  });

  test('equal changes give the same layer, others another', async () => {
    const [first, second] = [await writeSketch({ a: '1' }), await writeSketch({ a: '1' })];
    assert.is(first.diffId, second.diffId);
    assert.is.not((await writeSketch({ a: '2' })).diffId, first.diffId);
  });

  test('layers that differ in times only are told from those that differ in content, mode or owner', async () => {
    const before = await writeSketch({ a: { text: '1', mtime: 10 } });
    const compare = async (sketch: Sketch) => layers.trees.sameButTimes(before, await writeSketch({ a: sketch }), call);
    assert.is(await compare({ text: '1', mtime: 20 }), true);
    assert.is(await compare({ text: '2', mtime: 10 }), false);
    assert.is(await compare({ text: '1', mtime: 10, mode: 0o600 }), false);
    assert.is(await compare({ text: '1', mtime: 10, uid: 5 }), false);
  });

  test('a layer is extracted with its directories and contents', async () => {
    const directory = mkdtempSync(join(tempDir('chain-layers'), 'x-'));
    await layers.unpack(await writeSketch({ 'usr/share/text': 'hello', 'usr/empty': { dir: {} } }), directory, call);
    assert.is(readFileSync(join(directory, 'usr/share/text'), 'utf8'), 'hello');
  });

  test('a written layer is here, an unknown one is not', async () => {
    assert.is(await layers.hasLayer(await writeSketch({ a: 'here' })), true);
    const digest = digestOf('somewhere else');
    const blob = { mediaType: MEDIA_TYPE.layer, digest, size: 14 };
    assert.is(await layers.hasLayer({ diffId: digest, blob }), false);
  });
}

async function readText(tree: FileTree, path: string): Promise<string> {
  const place = await locateContent({ kind: 'in-tree', tree, path });
  if (place.kind === 'bytes') return Buffer.from(place.bytes).toString();
  return readFileSync(place.file)
    .subarray(place.offset, place.offset + place.size)
    .toString();
}
