import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isMkimageError } from '../../src/errors.ts';
import { LayerApplier, openArchive } from '../../src/layer/index.ts';
import { LayerScan } from '../../src/layer/scan.ts';
import { digestOf } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { TarReader } from '../../src/tar/index.ts';
import { tempDir } from '../support/temp.ts';
import { HOSTILE_ARCHIVES } from './hostile-archives.ts';
import { file, hardlink, type Sample, symlink, tarOf } from './tar-samples.ts';

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

for (const { name, samples, outcome } of HOSTILE_ARCHIVES) {
  for (const whiteouts of modes) {
    test(`${name} (${whiteouts})`, async () => {
      const { base, root } = place();
      const before = outside(base);
      const archive = tarOf(samples(base));
      const unpacked = attempt(() => apply(archive, root, whiteouts));
      assert.equal(outside(base), before, 'something outside the root was changed');
      assert.is(unpacked, outcome !== 'refused');
      if (outcome !== 'refused') outcome(root);
      attempt(() => {
        const scan = new LayerScan();
        scan.push(archive);
        for (const entry of scan.finish(digestOf(archive)).entries())
          assert.not.match(entry.path, /(^|\/)\.\.?(\/|$)|^\//);
      });
    });
  }
}

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

test('openArchive gives no path that leads outside', async () => {
  const samples = [
    file('../../x', '1'),
    file('/abs', '2'),
    hardlink('a/../../h', '/../abs'),
    symlink('s', '../../canary'),
  ];
  await using archive = (await openArchive(
    { kind: 'bytes', bytes: tarOf(samples) },
    tempDir('archive'),
    createQuietCall(),
  ))!;
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
