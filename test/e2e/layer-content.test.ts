import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('what layers tell');
const asRoot = withNeeds(test, { root: true, programs: ['busybox', 'unshare'] });
const root = tempDir('layer-content');
let count = 0;

/** A context with a static shell, some files of a fixed time, and this build file. */
function context(lines: readonly string[]): string {
  const folder = join(root, `context-${++count}`);
  for (const name of ['app/lib', 'bin']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'app/package.json'), '{}\n');
  writeFileSync(join(folder, 'app/lib/index.js'), 'x'.repeat(100_000));
  for (const name of ['app/package.json', 'app/lib/index.js']) utimesSync(join(folder, name), 1e9, 1e9);
  writeFileSync(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
  return folder;
}

async function built(folder: string, store: string, ...flags: string[]) {
  const mkimage = mkimageIn(store);
  const { code, stdout, stderr } = await mkimage(['build', '-t', 'it', ...flags, folder]);
  assert.is(code, 0, stderr);
  const id = stdout.trim();
  const config = JSON.parse(readFileSync(join(store, 'root/images/blobs/sha256', id.slice('sha256:'.length)), 'utf8'));
  return { id, config, stderr };
}

const emptyOnes = (config: { readonly history: readonly { readonly empty_layer?: boolean }[] }) =>
  config.history.map(({ empty_layer }) => empty_layer === true);

test('a COPY of what is there already makes no layer, and is cached as such', async () => {
  const folder = context([
    'FROM scratch',
    'COPY app /app',
    'COPY app/package.json /app/',
    'COPY app /app',
    'COPY bin /b',
  ]);
  const store = join(root, `store-${++count}`);
  const first = await built(folder, store);
  assert.equal(emptyOnes(first.config), [false, true, true, false]);
  assert.is(first.config.rootfs.diff_ids.length, 2);
  const second = await built(folder, store);
  assert.is(second.id, first.id);
  assert.not.match(second.stderr, /not in (?:the )?cache|first build/);
});

test('the files that a COPY repeats are in one layer', async () => {
  const folder = context(['FROM scratch', 'COPY app/lib /app/lib', 'COPY app /app']);
  const mkimage = mkimageIn(join(root, `store-${++count}`));
  const archive = join(root, 'once.tar');
  const { code, stderr } = await mkimage(['build', '-o', `type=oci,dest=${archive},compression=uncompressed`, folder]);
  assert.is(code, 0, stderr);
  const { size } = statSync(archive);
  assert.ok(size > 100_000 && size < 200_000, `${size} bytes`);
});

asRoot('the source of a bind mount may lead through links, and what they lead to is an input', async () => {
  const folder = context([
    'FROM scratch',
    'COPY --chmod=755 busybox /bin/sh',
    'RUN --mount=source=link,target=/a --mount=source=link/package.json,target=/b ["/bin/sh", "-c", "cat /a/package.json /b >/c"]',
    'FROM scratch',
    'COPY --from=0 /c /',
  ]);
  copyFileSync(programPath('busybox')!, join(folder, 'busybox'));
  symlinkSync('app', join(folder, 'link'));
  const mkimage = mkimageIn(join(root, `store-${++count}`));
  const out = join(root, `out-${count}`);
  for (const text of ['{}\n', '[]\n']) {
    writeFileSync(join(folder, 'app/package.json'), text);
    const { code, stderr } = await mkimage(['build', '-o', `type=local,dest=${out}`, folder]);
    assert.is(code, 0, stderr);
    assert.is(readFileSync(join(out, 'c'), 'utf8'), text + text);
  }
});

asRoot('what a step makes of the root ends with it, also where the next comes from an unpacked layer', async () => {
  const folder = context([
    'FROM scratch',
    'COPY --chmod=755 busybox /bin/sh',
    'RUN ["/bin/sh", "-c", "chmod 700 /; chown 5:6 /; echo >/x"]',
    'RUN ["/bin/sh", "-c", "stat -c %a.%u.%g / >/y; touch /bin; chown 0:0 /x"]',
    'RUN ["/bin/sh", "-c", "test $(cat /y) = $(stat -c %a.%u.%g /) && test $(cat /y) = 755.0.0"]',
  ]);
  copyFileSync(programPath('busybox')!, join(folder, 'busybox'));
  const store = join(root, `store-${++count}`);
  const { config } = await built(folder, store);
  assert.equal(emptyOnes(config), [false, false, false, true]);
  rmSync(join(store, 'root/snapshots-v1'), { recursive: true });
  writeFileSync(join(folder, 'Dockerfile'), 'RUN ["/bin/sh", "-c", "test $(stat -c %a.%u.%g /) = 755.0.0"]\n', {
    flag: 'a',
  });
  await built(folder, store);
});

const LINKED = [
  'ARG BASE',
  'FROM scratch AS one',
  'COPY --chmod=700 app/package.json /srv/one/',
  'FROM scratch AS two',
  'COPY app/package.json /srv/two/',
  'FROM $BASE',
];

test('a linked copy is cached on any base', async () => {
  const folder = context([...LINKED, 'COPY --link app/package.json /srv/linked']);
  const store = join(root, `store-${++count}`);
  const layers = new Set<string>();
  for (const base of ['one', 'two']) {
    const { config, stderr } = await built(folder, store, '--progress=plain', '--build-arg', `BASE=${base}`);
    layers.add(config.rootfs.diff_ids.at(-1));
    assert.is(/COPY --link.*\n#\d+ CACHED/.test(stderr), base === 'two', stderr);
  }
  assert.is(layers.size, 1);
});

test('with --chmod a linked copy leaves directories of the base as they are', async () => {
  const folder = context([...LINKED, 'COPY --link --chmod=644 app/package.json /srv/linked']);
  const out = join(root, `out-${++count}`);
  const mkimage = mkimageIn(join(root, `store-${count}`));
  for (const [base, mode] of [
    ['one', 0o700],
    ['two', 0o755],
  ] as const) {
    const flags = ['--build-arg', `BASE=${base}`, '-o', `type=local,dest=${out}`];
    const { code, stderr } = await mkimage(['build', ...flags, folder]);
    assert.is(code, 0, stderr);
    assert.is(statSync(join(out, 'srv')).mode & 0o777, mode);
    assert.is(statSync(join(out, 'srv/linked')).mode & 0o777, 0o644);
  }
});

test.run();
