import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { filterOf, wildcardFilter } from '../../src/executor/copy/copy-filter.ts';
import { fileTree } from '../../src/executor/copy/inline-tree.ts';
import { linkOnTheWay, requireWellFormed, scanRoot, selectFiles } from '../../src/executor/copy/named-files.ts';
import type { CopyStep } from '../../src/plan/index.ts';
import { refuses } from '../support/rejects.ts';
import { type Sketch, treeOf } from '../support/tree-of.ts';

const test = suite('files that a source names');

function rootOf(pattern: string, expected: string, parents = false): void {
  test(`\`${pattern}\`${parents ? ' with --parents' : ''} is looked for below \`${expected}\``, () => {
    assert.is(scanRoot(pattern, parents), expected);
  });
}
rootOf('', '');
rootOf('a', 'a');
rootOf('/a/b', 'a/b');
rootOf('a/*.c', 'a');
rootOf('a/?/c', 'a');
rootOf('*', '');
rootOf('a/[bc]/d', 'a');
rootOf('a/./b/*.c', 'a/b', true);

const TREE: Readonly<Record<string, Sketch>> = {
  'src/a.c': '1',
  'src/b.c': '2',
  'src/sub/c.c': '3',
  'src/sub/d.h': '4',
  top: '5',
  current: { link: 'src' },
};

function selects(pattern: string, expected: readonly string[] | undefined, step: Partial<CopyStep> = {}): void {
  test(`\`${pattern}\` ${JSON.stringify(step)} selects ${expected?.join(' ') ?? 'nothing that exists'}`, () => {
    const asked = { excludes: [], parents: false, ...step } as unknown as CopyStep;
    const selected = selectFiles(treeOf(TREE), pattern, asked);
    assert.equal(
      selected?.map(({ path, name }) => `${path}>${name}`),
      expected,
    );
  });
}
selects('top', ['top>top']);
selects('/src/a.c', ['src/a.c>a.c']);
selects('', ['>']);
selects('none', undefined);
selects('src/*.c', ['src/a.c>a.c', 'src/b.c>b.c']);
selects('src/*', ['src/a.c>a.c', 'src/b.c>b.c', 'src/sub>sub']);
selects('src/*/c.c', ['src/sub/c.c>c.c']);
selects('*.none', []);
selects('current', ['src>current']);
selects('current/*.c', ['src/a.c>a.c', 'src/b.c>b.c']);
selects('src/*.c', ['src/b.c>b.c'], { excludes: ['a.c'] });
selects('src/a.c', ['>'], { parents: true });
selects('src/./a.c', ['src>'], { parents: true });
selects('src/none', undefined, { parents: true });
selects('none/./*.c', undefined, { parents: true });

test('a link on the way is reported where --parents would have to follow it', () => {
  const tree = treeOf(TREE);
  assert.is(linkOnTheWay(tree, 'current/a.c'), 'current');
  assert.is(linkOnTheWay(tree, 'current/./a.c'), undefined);
  assert.is(linkOnTheWay(tree, 'src/a.c'), undefined);
});

test('a malformed pattern is an error, not one that matches nothing', async () => {
  requireWellFormed('a/[b-c]*.?');
  await refuses('step-failed', () => requireWellFormed('a/[b'));
  await refuses('step-failed', () =>
    selectFiles(treeOf(TREE), 'src/[', { excludes: [], parents: false } as unknown as CopyStep),
  );
});

test('without includes and excludes there is nothing to filter', () => {
  assert.is(filterOf([], []), undefined);
  assert.is(wildcardFilter([]).inside('a'), undefined);
  assert.not(wildcardFilter([]).isExcluded('a'));
});

test('what is included and not excluded is taken; other directories are looked into', () => {
  const filter = filterOf(['*.c', 'sub'], ['b.c'])!;
  assert.equal(
    (['a.c', 'b.c', 'x.h', 'sub/y'] as const).map((path) => filter.decide(path, false)),
    ['take', 'skip', 'skip', 'take'],
  );
  assert.is(filter.decide('other', true), 'descend');
});

test('an exclude of a wildcard source means the path in what it matched, or where the wildcards begin', () => {
  const filter = wildcardFilter(['sub/*.h', '!sub/keep.h', 'd.h']);
  assert.ok(filter.isExcluded('sub/d.h'));
  assert.not(filter.isExcluded('sub/keep.h'));
  const inside = filter.inside('sub')!;
  assert.equal(
    ['d.h', 'keep.h', 'c.c'].map((path) => inside.decide(path, false)),
    ['skip', 'take', 'take'],
  );
});

test('a heredoc is a root with one file in it', async () => {
  const tree = fileTree('name', Buffer.from('text'), 7);
  assert.equal(
    tree.list('').map(({ path, mode, size, mtime }) => [path, mode, size, mtime]),
    [['name', 0o644, 4, 7]],
  );
  assert.equal([tree.stat('')?.type, tree.stat('other'), tree.list('name')], ['directory', undefined, []]);
  assert.equal(await tree.locate('name'), { kind: 'bytes', bytes: Buffer.from('text') });
  assert.match(String(await tree.digest('name')), /^sha256:[0-9a-f]{64}$/);
  await refuses('not-found', () => tree.locate('other'), /open `other`/);
  await refuses('not-found', () => tree.digest('other'));
});

test.run();
