import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type FileTree, locateContent } from '../../src/content/index.ts';
import { type CopyTarget, copyItem } from '../../src/executor/copy/copy.ts';
import { realChanges } from '../../src/executor/copy/drop-unchanged.ts';
import { linkOnTheWay, selectFiles } from '../../src/executor/copy/named-files.ts';
import { Staging } from '../../src/executor/copy/staging.ts';
import type { Change } from '../../src/layer/index.ts';
import type { CopyStep } from '../../src/plan/index.ts';
import { type Sketch, treeOf } from '../support/tree-of.ts';

const test = suite('COPY on a tree');

interface Scenario {
  readonly base?: Readonly<Record<string, Sketch>>;
  readonly source: Readonly<Record<string, Sketch>>;
  readonly patterns: readonly string[];
  readonly destination: string;
  readonly step?: Partial<CopyStep>;
  readonly target?: Partial<CopyTarget>;
  /** SOURCE_DATE_EPOCH. */
  readonly epoch?: number;
}

async function copied(scenario: Scenario): Promise<string[]> {
  const below = treeOf(scenario.base ?? {});
  const staging = new Staging(below);
  const tree: FileTree = treeOf(scenario.source);
  const step = { excludes: [], parents: false, ...scenario.step } as unknown as CopyStep;
  const target: CopyTarget = {
    staging,
    destination: scenario.destination,
    owner: undefined,
    chmod: undefined,
    now: 7,
    ...scenario.target,
  };
  for (const pattern of scenario.patterns) {
    for (const selected of selectFiles(tree, pattern, step) ?? [])
      copyItem(target, { ...selected, tree, label: pattern });
  }
  return [...(await realChanges(staging, below, scenario.epoch))].map(shown);
}

function shown(change: Change): string {
  if (change.kind === 'delete') return `- ${change.path}`;
  const { entry, opaque, content } = change;
  const location = content && locateContent(content);
  const text = location && 'bytes' in location ? ` "${Buffer.from(location.bytes)}"` : '';
  const link = entry.linkname === undefined ? '' : ` -> ${entry.linkname}`;
  const owner = entry.uid === 0 && entry.gid === 0 ? '' : ` ${entry.uid}:${entry.gid}`;
  return `${entry.path}${entry.type === 'directory' ? '/' : ''} ${entry.mode.toString(8)}${owner}${text}${link}${opaque ? ' opaque' : ''}`;
}

function copies(title: string, scenario: Scenario, expected: readonly string[]): void {
  test(title, async () => assert.equal(await copied(scenario), expected));
}

function fails(title: string, scenario: Scenario, message: RegExp): void {
  test(title, async () => {
    try {
      await copied(scenario);
    } catch (error) {
      assert.match((error as Error).message, message);
      return;
    }
    assert.unreachable('it should have failed');
  });
}

copies('a file goes under a new name', { source: { a: 'A' }, patterns: ['a'], destination: '/b' }, ['b 644 "A"']);
copies(
  'a file goes into a directory that is named with a slash',
  { source: { a: 'A' }, patterns: ['a'], destination: '/d/e/' },
  ['d/ 755', 'd/e/ 755', 'd/e/a 644 "A"'],
);
copies(
  'a file goes into a directory that exists',
  { base: { 'd/x': '' }, source: { a: 'A' }, patterns: ['a'], destination: '/d' },
  ['d/ 755', 'd/a 644 "A"'],
);
copies(
  'the contents of a directory are copied, and a new destination has mode 755',
  {
    source: { 's/a': 'A', 's/t': { dir: { mode: 0o700 } }, 's/t/b': 'B', s: { dir: { mode: 0o711 } } },
    patterns: ['s'],
    destination: '/d',
  },
  ['d/ 755', 'd/a 644 "A"', 'd/t/ 700', 'd/t/b 644 "B"'],
);
copies(
  'a directory that exists keeps its attributes at the top and takes them below',
  {
    base: { d: { dir: { mode: 0o711 } }, 'd/t': { dir: { mode: 0o755 } }, 'd/t/old': '' },
    source: { 's/t': { dir: { mode: 0o700 } }, 's/t/b': 'B' },
    patterns: ['s'],
    destination: '/d',
  },
  ['d/ 711', 'd/t/ 700', 'd/t/b 644 "B"'],
);
copies(
  'a symlink as destination directory is followed inside the root',
  {
    base: { 'usr/lib/x': '', lib: { link: 'usr/lib' } },
    source: { a: 'A' },
    patterns: ['a'],
    destination: '/lib/',
  },
  ['usr/ 755', 'usr/lib/ 755', 'usr/lib/a 644 "A"'],
);
copies(
  'a dangling symlink as destination makes its target',
  {
    base: { d: { link: '../../real/dir' } },
    source: { a: 'A' },
    patterns: ['a'],
    destination: '/d/',
  },
  ['real/ 755', 'real/dir/ 755', 'real/dir/a 644 "A"'],
);
copies(
  'a symlink that is named is followed, one inside a directory is kept',
  {
    source: { 'real/a': 'A', 'real/l': { link: 'a' }, s: { link: 'real' } },
    patterns: ['s'],
    destination: '/d/',
  },
  ['d/ 755', 'd/a 644 "A"', 'd/l 777 -> a'],
);
copies(
  'a symlink in the way of a file is replaced, not followed',
  {
    base: { 'd/a': { link: '/etc/passwd' } },
    source: { 's/a': 'A' },
    patterns: ['s'],
    destination: '/d/',
  },
  ['d/ 755', 'd/a 644 "A"'],
);
copies(
  'wildcards stop at slashes and a matched directory gives its contents',
  {
    source: { 'a.c': '1', 'b.h': '2', 'sub/c.c': '3', 'dir.c/d': '4' },
    patterns: ['*.c'],
    destination: '/d/',
  },
  ['d/ 755', 'd/a.c 644 "1"', 'd/d 644 "4"'],
);
copies(
  '--parents keeps the way from the pivot on',
  {
    source: { 'x/a/b/c.txt': 'C', 'x/a/other': 'O', x: { dir: {} }, 'x/a': { dir: { mode: 0o750 } } },
    patterns: ['x/./a/*/c.txt'],
    destination: '/d/',
    step: { parents: true },
  },
  ['d/ 755', 'd/a/ 750', 'd/a/b/ 755', 'd/a/b/c.txt 644 "C"'],
);
copies(
  '--exclude leaves out what matches below a directory, exceptions included',
  {
    source: { 's/a.txt': 'A', 's/b.md': 'B', 's/k/c.txt': 'C', 's/k/keep.txt': 'K' },
    patterns: ['s'],
    destination: '/d/',
    step: { excludes: ['**/*.txt', '!k/keep.txt'] },
  },
  ['d/ 755', 'd/b.md 644 "B"', 'd/k/ 755', 'd/k/keep.txt 644 "K"'],
);
copies(
  '--chown and --chmod apply to all that is made',
  {
    source: { 's/a': 'A', 's/t/b': 'B' },
    patterns: ['s'],
    destination: '/d/',
    target: { owner: { uid: 7, gid: 8 }, chmod: 'u=rwX,go=rX' },
  },
  ['d/ 755 7:8', 'd/a 644 7:8 "A"', 'd/t/ 755 7:8', 'd/t/b 644 7:8 "B"'],
);
copies(
  'an octal --chmod is the mode of directories too',
  {
    source: { 's/a': 'A' },
    patterns: ['s'],
    destination: '/d/',
    target: { chmod: '0700' },
  },
  ['d/ 700', 'd/a 700 "A"'],
);
copies(
  'a later source sees what an earlier one made',
  {
    source: { a: 'A', 's/a': 'B' },
    patterns: ['a', 's'],
    destination: '/d/',
  },
  ['d/ 755', 'd/a 644 "B"'],
);
fails(
  'a file cannot replace a directory',
  {
    base: { 'd/a/x': '' },
    source: { 's/a': 'A' },
    patterns: ['s'],
    destination: '/d/',
  },
  /cannot replace the directory `\/d\/a`/,
);
fails(
  'a directory cannot go where a file is',
  {
    base: { d: 'file' },
    source: { a: 'A' },
    patterns: ['a'],
    destination: '/d/',
  },
  /a file with that name exists/,
);

test('a file over a directory hides all that was below, a directory over it again is opaque', () => {
  const staging = new Staging(treeOf({ 'd/x': 'X', 'd/y/z': 'Z' }));
  const entry = { mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };
  staging.remove('d');
  staging.put({ ...entry, path: 'd', type: 'directory' });
  staging.put({ ...entry, path: 'd/new', type: 'directory' });
  assert.equal(
    staging.list('d').map(({ path }) => path),
    ['d/new'],
  );
  assert.equal([...staging.changes()].map(shown), ['d/ 755 opaque', 'd/new/ 755']);
  staging.remove('d');
  assert.equal([...staging.changes()].map(shown), ['- d']);
});

const FILE = { text: 'X', mtime: 50 };

copies(
  'what is there already, the same, is not told again',
  {
    base: { 'd/same': FILE, 'd/l': { link: 'same' }, 'd/s': { dir: { mode: 0o700 } }, 'd/s/b': '1' },
    source: { same: FILE, l: { link: 'same' }, s: { dir: { mode: 0o700, mtime: 1 } }, 's/b': '2', 's/e/f': '' },
    patterns: ['/'],
    destination: '/d/',
  },
  ['d/ 755', 'd/s/ 700', 'd/s/b 644 "2"', 'd/s/e/ 755', 'd/s/e/f 644 ""'],
);
copies(
  'a copy that changes nothing changes nothing',
  {
    base: { 'd/a': FILE, 'd/t': { dir: { mtime: 1 } } },
    source: { a: FILE, t: { dir: { mtime: 2 } } },
    patterns: ['/'],
    destination: '/d/',
  },
  [],
);
for (const [what, other] of [
  ['byte', { text: 'Y' }],
  ['time', { mtime: 51 }],
  ['mode', { mode: 0o755 }],
  ['group', { gid: 1 }],
  ['file capability', { xattrs: { 'security.capability': 'AQ==' } }],
] as const) {
  const source = { a: { ...FILE, ...other } };
  test(`a file with another ${what} is told`, async () => {
    assert.is((await copied({ base: { a: FILE }, source, patterns: ['a'], destination: '/' })).length, 1);
  });
}
copies(
  'a time that SOURCE_DATE_EPOCH will set back is compared as set back',
  { base: { a: FILE }, source: { a: { ...FILE, mtime: 90 } }, patterns: ['a'], destination: '/', epoch: 50 },
  [],
);
copies(
  'files that are one inode are told together, and not at all only if they are one inode already',
  {
    base: { a: { ...FILE, inode: 'x' }, b: { ...FILE, inode: 'x' }, c: FILE, e: FILE, f: { ...FILE, inode: 'y' } },
    source: {
      a: { ...FILE, inode: '1' },
      b: { ...FILE, inode: '1' },
      c: { ...FILE, inode: '2' },
      d: { ...FILE, inode: '2' },
      e: { ...FILE, inode: '3' },
      f: { ...FILE, inode: '3' },
    },
    patterns: ['/'],
    destination: '/',
  },
  ['c 644 "X"', 'd 644 "X"', 'e 644 "X"', 'f 644 "X"'],
);
copies(
  'of several sources for one name the last decides what is the same',
  { base: { a: FILE }, source: { 'one/a': 'other', 'two/a': FILE }, patterns: ['one/a', 'two/a'], destination: '/' },
  [],
);

const WILD = { 'p/a.txt': '', 'p/b.md': '', 'p/keep.txt': '', 'p/d/x.txt': '', 'p/d/y': '' };

function excludes(patterns: readonly string[], excluded: readonly string[], expected: readonly string[]): void {
  test(`COPY ${excluded.map((each) => `--exclude=${each} `).join('')}${patterns.join(' ')}`, async () => {
    const step = { excludes: excluded };
    const told = await copied({ source: WILD, patterns, destination: '/o/', step });
    assert.equal(
      told.filter((line) => !line.includes('/ ')).map((line) => line.split(' ')[0]),
      expected,
    );
  });
}

excludes(['p/*'], ['*.txt'], ['o/b.md', 'o/y']);
excludes(['p/*'], ['*.txt', '!keep.txt'], ['o/b.md', 'o/keep.txt', 'o/y']);
excludes(['p/*'], ['d'], ['o/a.txt', 'o/b.md', 'o/keep.txt']);
excludes(['p/*'], ['d', '!d/y'], ['o/a.txt', 'o/b.md', 'o/keep.txt', 'o/y']);
excludes(['p/*'], ['d/x.txt'], ['o/a.txt', 'o/b.md', 'o/keep.txt', 'o/y']);
excludes(['p/*'], ['x.txt'], ['o/a.txt', 'o/b.md', 'o/keep.txt', 'o/y']);
excludes(['p/[ab]*'], ['**/a.txt'], ['o/b.md']);
excludes(['*/a.txt', 'p/d'], ['p/a.txt', 'y'], ['o/x.txt']);
excludes(['p'], ['d', '*.md'], ['o/a.txt', 'o/keep.txt']);

const LINKED = { 'p/real/z': 'Z', 'p/ln': { link: 'real' }, abs: { link: '/p/real' } };

test('--parents does not follow links, and names the link', async () => {
  const tree = treeOf(LINKED);
  const step = { excludes: [], parents: true } as unknown as CopyStep;
  for (const [pattern, link] of [
    ['p/ln/z', 'p/ln'],
    ['/abs/z', 'abs'],
    ['p/./ln/z', 'p/ln'],
    ['./p/ln/z/', 'p/ln'],
  ] as const) {
    assert.is(selectFiles(tree, pattern, step), undefined, pattern);
    assert.is(linkOnTheWay(tree, pattern), link, pattern);
  }
  assert.is(linkOnTheWay(tree, 'p/ln/*'), 'p/ln');
  for (const pattern of ['p/ln', 'p/real/z', 'p/ln/./z']) assert.is(linkOnTheWay(tree, pattern), undefined, pattern);
});
copies(
  '--parents copies a link that is named, and goes through links before the pivot',
  { source: LINKED, patterns: ['p/ln', 'p/ln/./z'], destination: '/x/', step: { parents: true } },
  ['x/ 755', 'x/p/ 755', 'x/p/ln 777 -> real', 'x/z 644 "Z"'],
);

test.run();
