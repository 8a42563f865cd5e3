import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isMkimageError } from '../../src/errors.ts';
import { LayerApplier, openArchive } from '../../src/layer/index.ts';
import { LayerScan } from '../../src/layer/scan.ts';
import { digestOf } from '../../src/oci/index.ts';
import { quietCall } from '../../src/progress.ts';
import { TarReader } from '../../src/tar/index.ts';
import { programPath } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';
import { device, file, hardlink, type Sample, symlink, tarOf } from './tar-samples.ts';

const test = suite('hostile layers');
const folder = tempDir('hostile');
let places = 0;
const isRoot = process.getuid?.() === 0;
const modes = isRoot ? (['overlay', 'delete'] as const) : (['delete'] as const);

/** A place with a root to unpack into and a canary next to it that must not change. */
function place() {
  const base = join(folder, String(places++));
  mkdirSync(base);
  mkdirSync(join(base, 'root'));
  mkdirSync(join(base, 'canary/dir'), { recursive: true });
  writeFileSync(join(base, 'canary/file'), 'tweet');
  writeFileSync(join(base, 'canary/dir/inner'), 'chirp');
  return { base, root: join(base, 'root') };
}

/** Everything outside the root: identity, attributes and content. */
function outside(base: string): readonly string[] {
  return ['.', 'canary', 'canary/file', 'canary/dir', 'canary/dir/inner', ...readdirSync(base)].map((name) => {
    const stats = lstatSync(join(base, name), { bigint: true });
    const content = stats.isFile() ? readFileSync(join(base, name), 'utf8') : '';
    const times = name === 'root' ? [] : [stats.mtimeNs, stats.ctimeNs, stats.nlink];
    return [name, stats.ino, stats.mode, stats.uid, ...times, content].join(' ');
  });
}

function apply(archive: Buffer, root: string, whiteouts: 'overlay' | 'delete'): void {
  const applier = new LayerApplier({ directory: root, whiteouts });
  const reader = new TarReader(applier);
  try {
    reader.push(archive);
    reader.end();
    applier.finish();
  } finally {
    applier.close();
  }
}

/** True if it was unpacked, false if it was refused; anything but a clear refusal fails the test. */
function attempt(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    assert.ok(isMkimageError(error, 'invalid-archive') || isMkimageError(error, 'limit'), String(error));
    return false;
  }
}

type Outcome = 'refused' | ((root: string, whiteouts: 'overlay' | 'delete') => void);

/** `outcome`: refused, or unpacked and then this holds in the root. Nothing outside changes either way. */
function hostile(name: string, samples: (base: string) => readonly Sample[], outcome: Outcome): void {
  for (const whiteouts of modes) {
    test(`${name} (${whiteouts})`, async () => {
      const { base, root } = place();
      const before = outside(base);
      const archive = tarOf(samples(base));
      const unpacked = attempt(() => apply(archive, root, whiteouts));
      assert.equal(outside(base), before, 'something outside the root was changed');
      assert.is(unpacked, outcome !== 'refused');
      if (outcome !== 'refused') outcome(root, whiteouts);
      attempt(() => {
        const scan = new LayerScan();
        scan.push(archive);
        for (const entry of scan.finish(digestOf(archive)).entries())
          assert.not.match(entry.path, /(^|\/)\.\.?(\/|$)|^\//);
      });
    });
  }
}

const holds = (path: string, content: string) => (root: string) =>
  assert.is(readFileSync(join(root, path), 'utf8'), content);
const isMissing = (path: string) => (root: string) =>
  assert.is(lstatSync(join(root, path), { throwIfNoEntry: false }), undefined);
const nothing = () => {};

// Paths
hostile('a path with `..` stays inside', () => [file('../canary/file', 'x')], holds('canary/file', 'x'));
hostile(
  'a path with many `..` stays inside',
  () => [file('a/../../../../../../canary/file', 'x')],
  holds('canary/file', 'x'),
);
hostile('an absolute path stays inside', (base) => [file(`${base}/canary/file`, 'x')], nothing);
hostile('a path `..` alone as a file is refused', () => [file('..', 'x')], 'refused');
hostile('a path `.` alone as a file is refused', () => [file('.', 'x')], 'refused');
hostile('a path `/` as a file is refused', () => [file('/', 'x', { type: 'file' })], 'refused');
hostile('an empty path as a file is refused', () => [file('', 'x')], 'refused');
hostile('backslashes are only characters', () => [file('..\\..\\canary', 'x')], holds('..\\..\\canary', 'x'));
hostile('a path with a trailing `..` stays inside', () => [file('a/b/..', 'x')], holds('a', 'x'));
hostile(
  'a directory `..` is the root and changes nothing',
  () => [{ path: '../', mode: 0 }],
  (root) => assert.is(lstatSync(root).mode & 0o777, 0o755),
);

// The root entry
hostile('a root that is a symlink is refused', () => [symlink('.', '../canary'), file('file', 'x')], 'refused');
hostile('a root `/` that is a symlink is refused', () => [symlink('/', '../canary')], 'refused');
hostile('a root that is a hard link is refused', () => [hardlink('./', '../canary/file')], 'refused');
hostile(
  'a root entry does not change the directory',
  () => [{ path: './', mode: 0o777, uid: 5 }],
  (root) => assert.is(lstatSync(root).mode & 0o777, 0o755),
);

test('a root that is no directory is refused by who lists a layer as by who unpacks it', () => {
  for (const root of [
    symlink('.', '../canary'),
    symlink('./', '/'),
    file('/', 'x', { type: 'file' }),
    hardlink('./', 'a'),
    file('..', 'x'),
  ]) {
    const archive = tarOf([file('a', 'x'), root]);
    const scan = new LayerScan();
    assert.throws(
      () => {
        scan.push(archive);
        scan.finish(digestOf(archive));
      },
      (error: unknown) => isMkimageError(error, 'invalid-archive') && /its root is a/.test(String(error)),
    );
  }
});

// Symlinked parents
hostile(
  'a parent that is a relative link outward stays inside',
  () => [symlink('l', '../canary'), file('l/file', 'x')],
  holds('canary/file', 'x'),
);
hostile(
  'a parent that is an absolute link outward stays inside',
  (base) => [symlink('l', `${base}/canary`), file('l/file', 'x')],
  nothing,
);
hostile(
  'a chain of links outward stays inside',
  () => [symlink('a', 'b'), symlink('b', '../../canary'), file('a/file', 'x')],
  holds('canary/file', 'x'),
);
hostile(
  'a link through a link stays inside',
  () => [{ path: 'd/' }, symlink('d/up', '..'), symlink('l', 'd/up/../../canary'), file('l/file', 'x')],
  holds('canary/file', 'x'),
);
hostile(
  'a link to the root of the machine stays inside',
  () => [symlink('l', '/'), file('l/etc/x', 'x')],
  holds('etc/x', 'x'),
);
hostile('a loop of links is refused', () => [symlink('a', 'b'), symlink('b', 'a'), file('a/x', 'x')], 'refused');
hostile('a link to itself as a parent is refused', () => [symlink('a', 'a'), file('a/x', 'x')], 'refused');
hostile(
  'a directory through a link stays inside',
  () => [symlink('l', '../canary'), { path: 'l/dir/', mode: 0 }],
  nothing,
);
hostile(
  'a directory in the place of a link replaces the link',
  () => [symlink('l', '../canary'), { path: 'l/', mode: 0o700 }, file('l/x', 'x')],
  (root) => assert.ok(lstatSync(join(root, 'l')).isDirectory()),
);
hostile(
  'a file in the place of a link replaces the link',
  () => [symlink('l', '../canary/file'), file('l', 'x')],
  (root) => {
    assert.ok(lstatSync(join(root, 'l')).isFile());
    holds('l', 'x')(root);
  },
);
hostile(
  'a file in the place of a dangling link replaces the link',
  () => [symlink('l', '../canary/new'), file('l', 'x')],
  holds('l', 'x'),
);
hostile(
  'a directory swapped for a link between two files',
  () => [{ path: 'd/' }, file('d/a', 'a'), symlink('d', '../canary'), file('d/file', 'x')],
  holds('canary/file', 'x'),
);
hostile(
  'a directory swapped for a link and back',
  () => [{ path: 'd/' }, symlink('d', '../canary'), { path: 'd/' }, file('d/file', 'x')],
  holds('d/file', 'x'),
);
hostile(
  'a deep directory swapped for a link',
  () => [{ path: 'a/b/c/' }, file('a/b/c/x', ''), symlink('a/b', '../../canary'), file('a/b/dir/inner', 'x')],
  holds('canary/dir/inner', 'x'),
);
hostile('a parent that is a file is refused', () => [file('f', 'x'), file('f/g', 'y')], 'refused');
hostile('a parent that is a device is refused', () => [{ path: 'p', type: 'fifo' }, file('p/g', 'y')], 'refused');

// Hard links
hostile('a hard link outward is refused', () => [hardlink('l', '../canary/file'), file('l', 'x')], 'refused');
hostile('an absolute hard link outward is refused', (base) => [hardlink('l', `${base}/canary/file`)], 'refused');
hostile(
  'a hard link through a link outward is refused',
  () => [symlink('s', '../canary'), hardlink('l', 's/file')],
  'refused',
);
hostile(
  'a hard link to a link is a link again, not its target',
  () => [symlink('s', '../canary/file'), hardlink('l', 's'), file('l', 'x')],
  (root) => {
    holds('l', 'x')(root);
    assert.ok(lstatSync(join(root, 's')).isSymbolicLink());
  },
);
hostile(
  'writing through a hard link to a symlink replaces it',
  () => [symlink('s', '../canary/file'), hardlink('l', 's'), { path: 'l', mode: 0o777, content: 'x' }],
  holds('l', 'x'),
);
hostile('a hard link to itself is refused', () => [file('l', 'x'), hardlink('l', 'l')], 'refused');
hostile('a hard link to a directory is refused', () => [{ path: 'd/' }, hardlink('l', 'd')], 'refused');
hostile('a hard link to nothing is refused', () => [hardlink('l', 'nowhere')], 'refused');
hostile('a hard link to the root is refused', () => [hardlink('l', '/')], 'refused');
hostile(
  'a hard link from outside the root stays inside',
  () => [file('f', 'x'), hardlink('../canary/file', 'f')],
  holds('canary/file', 'x'),
);

// Whiteouts
hostile('a whiteout outside deletes nothing there', () => [file('../canary/.wh.file')], isMissing('canary/inner'));
hostile(
  'a whiteout below a link outward deletes nothing there',
  () => [symlink('l', '../canary'), file('l/.wh.file')],
  nothing,
);
hostile('a whiteout of `..` is refused', () => [file('.wh...')], 'refused');
hostile('a whiteout of `.` is refused', () => [file('.wh..')], 'refused');
hostile('a whiteout of nothing is refused', () => [file('a/.wh.')], 'refused');
hostile(
  'an opaque mark below a link outward empties nothing there',
  () => [symlink('l', '../canary'), file('l/.wh..wh..opq')],
  nothing,
);
hostile('an opaque mark outside empties nothing there', () => [file('../canary/.wh..wh..opq')], nothing);
hostile('a whiteout does not hide what its own layer has', () => [file('x', 'x'), file('.wh.x')], holds('x', 'x'));
hostile('a whiteout before its own layer has the name', () => [file('.wh.x'), file('x', 'x')], holds('x', 'x'));
hostile(
  'an opaque mark after the contents leaves them',
  () => [{ path: 'd/' }, file('d/x', 'x'), file('d/.wh..wh..opq')],
  holds('d/x', 'x'),
);
hostile(
  'bookkeeping of AUFS is left out',
  () => [file('.wh..wh.plnk/1', 'x'), file('.wh..wh.aufs', 'x')],
  (root) => assert.equal(readdirSync(root), []),
);
hostile('a file below a whiteout is refused', () => [file('.wh.d/x', 'x')], 'refused');
hostile('a device 0:0 is a whiteout and nothing else', () => [device('x', 0, 0), file('x', 'y')], holds('x', 'y'));
hostile('a hard link to a whiteout is refused', () => [device('x', 0, 0), hardlink('l', 'x')], 'refused');

// Names and sizes
hostile('a name of 256 bytes is refused', () => [file('n'.repeat(256), 'x')], 'refused');
hostile('a path of 5,000 bytes is refused', () => [file('d/'.repeat(2500), 'x')], 'refused');
hostile(
  'a very deep path is unpacked or refused, not more',
  () => [file(`${'d/'.repeat(1000)}f`, 'x')],
  holds(`${'d/'.repeat(1000)}f`, 'x'),
);
hostile('a link with an empty target is refused', () => [symlink('l', '')], 'refused');
hostile(
  'names that only differ in case or composition are two files',
  () => [file('A', '1'), file('a', '2'), file('\u00e9', '3'), file('e\u0301', '4')],
  (root) => assert.is(readdirSync(root).length, 4),
);

// Attributes
hostile(
  'attributes that overlayfs would obey are not set',
  () => [
    {
      path: 'd/',
      xattrs: {
        'trusted.overlay.opaque': 'eQ==',
        'user.overlay.redirect': 'L2V0Yw==',
        'trusted.overlay.redirect': 'L2V0Yw==',
      },
    },
  ],
  (root) => {
    const getfattr = programPath('getfattr');
    if (getfattr === undefined) return;
    const listing = execFileSync(getfattr, ['-d', '-m', '.*overlay.*', '--absolute-names', join(root, 'd')]);
    assert.is(String(listing), '');
  },
);

test('openArchive gives no path that leads outside', async () => {
  const samples = [
    file('../../x', '1'),
    file('/abs', '2'),
    hardlink('a/../../h', '/../abs'),
    symlink('s', '../../canary'),
  ];
  await using archive = (await openArchive({ kind: 'bytes', bytes: tarOf(samples) }, tempDir('archive'), quietCall()))!;
  assert.equal(
    archive.entries.map(({ entry }) => entry.path),
    ['x', 'abs', 'h', 's'],
  );
  assert.is(archive.entries[2]!.hardlink, 'abs');
});

test('no order of directories, links and files gets out', () => {
  const names = fc.constantFrom('a', 'b', 'a/b', 'a/c', 'b/a', '../canary', '../canary/file', 'a/../..', 'b/dir/inner');
  const targets = fc.constantFrom(
    '.',
    '..',
    '../canary',
    '../../canary',
    'a',
    'b',
    '/',
    'a/b',
    '../canary/dir',
    '../canary/file',
  );
  const sample = fc.oneof(
    names.map((path): Sample => ({ path: `${path}/` })),
    names.map((path): Sample => file(path, 'x')),
    fc.tuple(names, targets).map(([path, target]) => symlink(path, target)),
    fc.tuple(names, targets).map(([path, target]) => hardlink(path, target)),
    names.map((path): Sample => file(`${path}/.wh.file`)),
    names.map((path): Sample => file(`${path}/.wh..wh..opq`)),
  );
  fc.assert(
    fc.property(fc.array(sample, { minLength: 2, maxLength: 12 }), fc.constantFrom(...modes), (samples, whiteouts) => {
      const { base, root } = place();
      const before = outside(base);
      attempt(() => apply(tarOf(samples), root, whiteouts));
      assert.equal(outside(base), before);
    }),
    { numRuns: 60 },
  );
});

for (const whiteouts of modes) {
  test(`deep paths between directories that come and go cost no more than others (${whiteouts})`, () => {
    const { root } = place();
    const deep = 'p/'.repeat(1500);
    const rounds = Array.from({ length: 300 }, (_, round): readonly Sample[] => [
      { path: 'swapped/' },
      file('swapped/f'),
      file('swapped'),
      file(`${deep}f${round}`),
      file(`${deep}d${round}/f`),
    ]);
    const begun = performance.now();
    apply(tarOf(rounds.flat()), root, whiteouts);
    // It took minutes: each round asked for all the directories again.
    assert.ok(performance.now() - begun < 30_000);
    assert.is(readdirSync(join(root, deep)).length, 600);
    assert.ok(lstatSync(join(root, 'swapped')).isFile());
  });

  test(`a link in the place of a directory that was known leads where it points, inside (${whiteouts})`, () => {
    const { root } = place();
    const entries = [file('a/b/c/f'), file('real/f'), file('a'), symlink('a', '/real'), file('a/b/c/g'), file('a/h')];
    apply(tarOf(entries), root, whiteouts);
    assert.equal(readdirSync(join(root, 'real')).sort(), ['b', 'f', 'h']);
    assert.equal(readdirSync(join(root, 'real/b/c')), ['g']);
  });
}

test.run();
