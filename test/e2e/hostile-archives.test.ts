/** Small archives that ask for much: as ADD, as a context, as an image. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dockerItems } from '../support/image-archives.ts';
import { mkimageIn } from '../support/mkimage.ts';
import { tarOf } from '../support/tar-file.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('hostile archives');
const root = tempDir('hostile-archives');
/** Far less than what such archives took: they fail where memory grows with them. */
const mkimage = mkimageIn(join(root, 'store'), { cwd: root, env: { NODE_OPTIONS: '--max-old-space-size=200' } });
const folder = join(root, 'app');
mkdirSync(folder);

const deep = (depth: number) => 'p/'.repeat(depth);
const tar = (...paths: readonly string[]) => tarOf(paths.map((path) => ({ path, bytes: '' })));

async function add(archive: Uint8Array) {
  writeFileSync(join(folder, 'a.tar'), archive);
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\nADD a.tar /\nCOPY Dockerfile /last\n');
  return mkimage(['build', '-q', '--no-cache', folder]);
}

test('a path as long as a path can be is unpacked in no more than the usual time', async () => {
  const begun = performance.now();
  const { code, stderr } = await add(
    gzipSync(tar(`${deep(2047)}f`, ...Array.from({ length: 100 }, (_, n) => `${deep(2040)}${n}`))),
  );
  assert.is(code, 0, stderr);
  // It took a minute for a single one.
  assert.ok(performance.now() - begun < 30_000);
});

/** A build that looks into the image in `image.tar`. */
async function onBase() {
  await mkimage(['load', '-i', join(root, 'image.tar')]);
  writeFileSync(join(folder, 'Dockerfile'), 'FROM bomb:1\nCOPY Dockerfile /p/\n');
  return mkimage(['build', '-q', '--no-cache', folder]);
}

test('thousands of directories without an entry of their own are refused, with the limit', async () => {
  const bomb = tar(...Array.from({ length: 80 }, (_, n) => `${n}/${deep(1500)}f`));
  const build = tarOf([{ path: 'Dockerfile', bytes: 'FROM scratch\nCOPY . /\n' }]).subarray(0, 1024);
  writeFileSync(join(root, 'image.tar'), tarOf(dockerItems({ tags: ['bomb:1'], layers: [bomb] }).items));
  const results = [
    await add(gzipSync(bomb)),
    await mkimage(['build', '-q', '-'], { input: gzipSync(Buffer.concat([build, bomb])) }),
    await onBase(),
  ];
  for (const { code, stderr } of results) {
    assert.is(code, 1, stderr);
    assert.match(stderr, /directories that have no entry take more than 16777216 characters/);
    assert.match(stderr, /MKIMAGE_LIMIT_ARCHIVE_IMPLIED/);
  }
});

test('a limit is raised by its variable', async () => {
  const entries = tar('a', 'b', 'c');
  writeFileSync(join(folder, 'a.tar'), entries);
  const { code, stderr } = await mkimage(['build', '-q', '--no-cache', folder], {
    env: { MKIMAGE_LIMIT_ARCHIVE_ENTRIES: '2' },
  });
  assert.is(code, 1);
  assert.match(stderr, /it has more entries \(limit 2\)\nhint: .*MKIMAGE_LIMIT_ARCHIVE_ENTRIES to more/);
  assert.is((await add(entries)).code, 0);
});

test.run();
