/**
 * Every file of a store is damaged in turn, and the same build is asked for. Either it gives the very same image, or it says that
 * something is wrong; and the build after that gives the same image in any case.
 */
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/index.ts';
import { makeBusyboxRoot } from '../support/busybox-root.ts';
import { mkimageIn } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('a damaged store');
const asRoot = withNeeds(test, { root: true, programs: ['busybox'] });
const root = tempDir('damage');
const env = { SOURCE_DATE_EPOCH: '1700000000' };
const context = join(root, 'context');
mkdirSync(join(context, 'files'), { recursive: true });
for (const name of ['a', 'b', 'c']) writeFileSync(join(context, 'files', name), `${name} is here\n`.repeat(300));
writeFileSync(
  join(context, 'Dockerfile'),
  'FROM scratch AS one\nCOPY files /files\nFROM scratch\nWORKDIR /made\nCOPY --from=one /files/b /b\nCOPY files /c\n',
);

type Damage = (file: string) => void;

const flip = (file: string, at: (length: number) => number): void => {
  const bytes = readFileSync(file);
  const place = at(bytes.length);
  bytes[place] = bytes[place]! ^ 0x01;
  writeFileSync(file, bytes);
};

const DAMAGES: Readonly<Record<string, Damage>> = {
  'a flipped bit in the middle': (file) => flip(file, (length) => length >> 1),
  'a flipped bit near the end': (file) => flip(file, (length) => length - 3),
  'a file cut short': (file) => writeFileSync(file, readFileSync(file).subarray(0, -5)),
  'an empty file': (file) => writeFileSync(file, ''),
  'a folder in its place': (file) => {
    rmSync(file);
    mkdirSync(join(file, 'x'), { recursive: true });
  },
  'a link to other bytes in its place': (file) => {
    const bytes = readFileSync(file);
    rmSync(file);
    writeFileSync(`${file}-aside`, bytes.fill('y', 0, 20));
    symlinkSync(`${file}-aside`, file);
  },
};

/** The build on a copy of a store; gives the digest of the root filesystem that comes out. */
async function built(store: string, folder: string, kind: string) {
  const out = join(root, 'out');
  rmSync(out, { recursive: true, force: true });
  const args = ['build', '-t', 'app', '-o', `type=${kind},dest=${out}`, folder];
  const { code, stderr } = await mkimageIn(store, { env })(args);
  return { code, stderr, digest: code === 0 ? digestOf(readFileSync(out)) : undefined };
}

function filesOf(store: string): readonly string[] {
  const names = readdirSync(join(store, 'root'), { recursive: true }).map(String).sort();
  return names.filter((name) => !/^(locks|tmp|logs)\//.test(name) && lstatSync(join(store, 'root', name)).isFile());
}

for (const [kind, damages] of [
  ['tar', Object.keys(DAMAGES)],
  ['oci', ['a flipped bit in the middle', 'a file cut short']],
] as const) {
  test(`gives the same ${kind} or says so, whatever file of it is damaged`, async () => {
    const whole = join(root, `whole-${kind}`);
    const good = await built(whole, context, kind);
    assert.is(good.code, 0, good.stderr);
    const files = filesOf(whole).filter((name) => kind === 'tar' || /blobs|layers-v1/.test(name));
    assert.ok(files.length > 6);
    for (const [number, file] of files.entries()) {
      const damage = damages[number % damages.length]!;
      for (const name of kind === 'tar' && /trees/.test(file) ? damages : [damage]) {
        const store = join(root, 'damaged');
        rmSync(store, { recursive: true, force: true });
        // The state of a lock is the text of a link: as an absolute path it would look held.
        cpSync(whole, store, { recursive: true, verbatimSymlinks: true });
        DAMAGES[name]!(join(store, 'root', file));
        const first = await built(store, context, kind);
        if (first.code === 0) assert.is(first.digest, good.digest, `${name}: ${file}`);
        else assert.match(first.stderr, /damaged|oci-layout/, `${name}: ${file}`);
        if (first.code !== 0)
          assert.is((await built(store, context, kind)).digest, good.digest, `${name}: ${file}, again`);
      }
    }
  });
}

test('is reported by `save`, which writes nothing; after another build it saves', async () => {
  const store = join(root, 'saved');
  const mkimage = mkimageIn(store, { env });
  await mkimage(['build', '-t', 'app', context]);
  const blobs = join(store, 'root/images/blobs/sha256');
  const layers = readdirSync(blobs).filter((name) => readFileSync(join(blobs, name)).includes('b is here'));
  for (const layer of layers) flip(join(blobs, layer), (length) => length >> 1);
  const out = join(root, 'saved.tar');
  const saved = await mkimage(['save', '-o', out, 'app']);
  assert.is.not(saved.code, 0);
  assert.match(saved.stderr, /is damaged in the store[\s\S]*hint: .*build, pull or load the image again/);
  assert.is(lstatSync(out, { throwIfNoEntry: false }), undefined);
  assert.is((await mkimage(['build', '-t', 'app', context])).code, 0);
  assert.is((await mkimage(['save', '-o', out, 'app'])).code, 0);
});

test('is reported by `store check`, for every kind of file, and repaired', async () => {
  const store = join(root, 'checked');
  const mkimage = mkimageIn(store, { env });
  const good = await built(store, context, 'oci');
  const sound = await mkimage(['store', 'check']);
  assert.is(sound.code, 0, sound.stdout);
  assert.match(sound.stdout, /Checked: 1 × index, \d+ × blob, .*no damage found/s);
  const files = filesOf(store).filter((name) => !/oci-layout|index-v1|slots|\.digests$|^probes|^snapshots/.test(name));
  for (const name of files) flip(join(store, 'root', name), (length) => length >> 1);
  const [blob] = files.filter((name) => name.includes('blobs/'));
  writeFileSync(join(store, 'root', blob!), '');
  writeFileSync(join(store, 'root/images/index.json'), '');
  const checked = await mkimage(['store', 'check', '--format', 'json']);
  assert.is(checked.code, 1);
  const { damaged } = JSON.parse(checked.stdout);
  assert.equal(damaged.map(({ path }: { path: string }) => path).sort(), [...files].sort());
  const repaired = await mkimage(['store', 'check', '--repair']);
  assert.is(repaired.code, 0, repaired.stdout + repaired.stderr);
  assert.match(repaired.stdout, new RegExp(`${files.length} damaged, ${files.length} repaired`));
  assert.is((await mkimage(['store', 'check'])).code, 0);
  assert.match((await mkimage(['images'])).stdout, /app/);
  assert.is((await built(store, context, 'oci')).digest, good.digest);
});

test('names the images that lost something', async () => {
  const store = join(root, 'named');
  const mkimage = mkimageIn(store, { env });
  await mkimage(['build', '-t', 'app:7', context]);
  const blobs = join(store, 'root/images/blobs/sha256');
  const last = JSON.parse((await mkimage(['inspect', 'app:7'])).stdout)[0]
    .RootFS.Layers.at(-1)
    .slice('sha256:'.length);
  flip(join(blobs, last), (length) => length >> 1);
  const { stdout, code } = await mkimage(['store', 'check']);
  assert.is(code, 1);
  assert.match(
    stdout,
    new RegExp(`^damaged: blob images/blobs/sha256/${last} .build, pull or load again: .*app:7.`, 'm'),
  );
  assert.match(stdout, /hint: run `mkimage store check --repair`/);
});

asRoot('steps stand on nothing that was changed since it was unpacked', async () => {
  const folder = join(root, 'steps');
  makeBusyboxRoot(join(folder, 'rootfs'));
  writeFileSync(join(folder, 'rootfs/data'), 'GOOD\n');
  const text = (step: string) => `FROM scratch\nCOPY rootfs /\nRUN cp data one\nRUN ${step}\n`;
  const store = join(root, 'steps-store');
  writeFileSync(join(folder, 'Dockerfile'), text('true'));
  const warmed = await built(store, folder, 'tar');
  assert.is(warmed.code, 0, warmed.stderr);
  const unpacked = join(store, 'root/snapshots-v1');
  const copies = readdirSync(unpacked, { recursive: true })
    .map(String)
    .filter((name) => /fs\/(data|one)$/.test(name));
  assert.ok(copies.length >= 2);
  for (const copy of copies) {
    const { mtime, atime } = lstatSync(join(unpacked, copy));
    writeFileSync(join(unpacked, copy), 'EVIL\n');
    utimesSync(join(unpacked, copy), atime, mtime);
  }
  writeFileSync(join(folder, 'Dockerfile'), text('cat data one > two; ! grep EVIL two'));
  const again = await built(store, folder, 'tar');
  assert.is(again.code, 0, again.stderr);
  assert.match(again.stderr, /the unpacked form of .* was damaged in the store/);
  const unsound = mkimageIn(store);
  assert.is((await unsound(['store', 'check'])).code, 0);
  const [name] = readdirSync(unpacked, { recursive: true })
    .map(String)
    .filter((each) => /fs\/data$/.test(each));
  writeFileSync(join(unpacked, name!), 'EVIL\n');
  assert.match((await unsound(['store', 'check'])).stdout, /^damaged: unpacked snapshots-v1\//m);
  assert.is((await unsound(['store', 'check', '--repair'])).code, 0);
  assert.is((await unsound(['store', 'check'])).code, 0);
  assert.match(readFileSync(join(root, 'out'), 'latin1'), /GOOD\nGOOD\n/);
});

test.run();
