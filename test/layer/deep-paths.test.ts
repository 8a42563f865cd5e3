/** Deep directories cost an entry no more than others: counted in look-ups, not in seconds. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LayerIndexBuilder } from '../../src/layer/index-builder.ts';
import type { LayerIndex } from '../../src/layer/layer-index.ts';
import { createLayeredTree } from '../../src/layer/tree.ts';
import { digestOf } from '../../src/oci/index.ts';
import type { TarHeader } from '../../src/tar/index.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('deep paths');

const deep = (depth: number) => Array<string>(depth).fill('p').join('/');

function indexOf(...entries: readonly (Partial<TarHeader> & { readonly path: string })[]): LayerIndex {
  const builder = new LayerIndexBuilder();
  for (const entry of entries)
    builder.add({ type: 'file', mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0, ...entry }, 0);
  return builder.finish(digestOf(JSON.stringify(entries.length)), 0);
}

/** The same listing, and how often it was asked for an entry. */
function counted(index: LayerIndex) {
  const asked = { times: 0 };
  const entry = (path: string) => {
    asked.times++;
    return index.entry(path);
  };
  return { asked, index: { ...index, entry } as LayerIndex };
}

const access = { locate: () => assert.unreachable(), digest: () => assert.unreachable() } as never;

test('a path is looked up in a stack of layers without a look at each directory on the way, every time', () => {
  const { asked, index } = counted(indexOf({ path: 'else/where' }, { path: '.wh.gone' }));
  const tree = createLayeredTree([indexOf({ path: `${deep(1500)}/f` }), index], access);
  for (let again = 0; again < 100; again++) {
    assert.is(tree.stat(`${deep(1500)}/f`)?.type, 'file');
    assert.is(tree.stat(`${deep(1500)}/none`), undefined);
    assert.is(tree.list(deep(1500)).length, 1);
  }
  assert.ok(asked.times < 1500 + 100 * 10, String(asked.times));
});

test('what a higher layer hides stays hidden at every depth', () => {
  const low = indexOf({ path: 'a/b/c/d/e' }, { path: 'x/y/z' }, { path: 'o/p/q' }, { path: 'kept/k' });
  const high = indexOf({ path: 'a/b' }, { path: 'x/.wh.y' }, { path: 'o/.wh..wh..opq' }, { path: 'o/new' });
  const tree = createLayeredTree([low, high], access);
  assert.is(tree.stat('a/b')?.type, 'file');
  for (const path of ['a/b/c', 'a/b/c/d', 'a/b/c/d/e', 'x/y', 'x/y/z', 'o/p', 'o/p/q'])
    assert.is(tree.stat(path), undefined, path);
  for (const path of ['x', 'o/new', 'kept/k']) assert.ok(tree.stat(path), path);
  assert.equal(
    tree.list('o').map(({ path }) => path),
    ['o/new'],
  );
});

test('a few entries that imply thousands of directories are refused', async () => {
  const one = indexOf({ path: `${deep(2000)}/f` });
  assert.is(one.columns.rows, 2001);
  const many = Array.from({ length: 30 }, (_, entry) => ({ path: `${entry}/${deep(2000)}/f` }));
  const error = await refuses('limit', () => indexOf(...many), /directories that have no entry/);
  assert.match(error.hint ?? '', /MKIMAGE_LIMIT_ARCHIVE_IMPLIED/);
  assert.is(
    indexOf(...Array.from({ length: 1000 }, (_, entry) => ({ path: `${deep(2000)}/${entry}` }))).columns.rows,
    3000,
  );
});

test('a deep directory that is replaced goes with all that was in it', () => {
  const index = indexOf({ path: `a/${deep(2000)}/f` }, { path: 'a' }, { path: 'b' });
  assert.is(index.columns.rows, 2);
});

test('directories behind links that are replaced lead where the new ones lead', () => {
  const link = (path: string, linkname: string) => ({ path, type: 'symlink' as const, linkname });
  const index = indexOf(
    { path: 'x/f' },
    link('l', 'x'),
    { path: 'l/1' },
    link('l', 'y'),
    { path: 'l/2' },
    { path: 'l', type: 'directory' },
    { path: 'l/3' },
  );
  assert.equal([...index.entries()].map(({ path }) => path).sort(), ['l', 'l/3', 'x/1', 'x/f', 'y/2']);
});

test.run();
