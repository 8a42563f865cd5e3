import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/index.ts';
import { mkimageIn, run, succeed } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { startRegistry } from '../support/registry.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('mkimage build');
const asRoot = withNeeds(test, { root: true, programs: ['busybox', 'unshare'] });
const judged = (...programs: string[]) => withNeeds(test, { root: true, programs: ['busybox', ...programs] });
const root = tempDir('build');
chmodSync(root, 0o755);
const EPOCH = { SOURCE_DATE_EPOCH: '1700000000' };
let count = 0;

/** A fresh folder with these files. */
function context(files: Readonly<Record<string, string>>): string {
  const folder = join(root, `context-${++count}`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** The hello fixture with Debian's static busybox. */
function hello(): string {
  const folder = join(root, `hello-${++count}`);
  cpSync('fixtures/hello', folder, { recursive: true });
  copyFileSync(programPath('busybox') ?? '', join(folder, 'busybox'));
  return folder;
}

const freshStore = () => mkimageIn(join(root, `store-${++count}`));

asRoot('builds an image from nothing but its context, and prints its ID alone', async () => {
  const mkimage = freshStore();
  const { code, stdout, stderr } = await mkimage(['build', '-t', 'hello', hello()]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^sha256:[0-9a-f]{64}\n$/);
  assert.match(stderr, /RUN \["\/bin\/busybox"/);
});

asRoot('a second build is all cached and gives the same image', async () => {
  const mkimage = freshStore();
  const folder = hello();
  const first = await mkimage(['build', folder]);
  const second = await mkimage(['build', folder]);
  assert.is(second.stdout, first.stdout);
  assert.not.match(second.stderr, /not cached/);
  assert.is((second.stderr.match(/CACHED/g) ?? []).length, 3);
});

asRoot('a changed file reruns what depends on it and says so', async () => {
  const mkimage = freshStore();
  const folder = hello();
  await mkimage(['build', folder]);
  writeFileSync(join(folder, 'greeting.txt'), 'changed\n');
  const { stderr } = await mkimage(['build', folder]);
  assert.match(stderr, /not cached: COPY greeting\.txt.* changed \(1 of 1 files?: greeting\.txt\)/);
  assert.is((stderr.match(/CACHED/g) ?? []).length, 2);
});

test('a build without RUN unpacks nothing and works as an ordinary user', async () => {
  const folder = context({ Dockerfile: 'FROM scratch\nWORKDIR /app\nCOPY a b/\nENV X=1\n', a: 'A' });
  const store = join(root, 'ordinary');
  mkdirSync(store);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(store, 12345, 12345);
  const mkimage = mkimageIn(store, isRoot ? { uid: 12345 } : {});
  const { code, stderr } = await mkimage(['build', '-t', 'plain', folder]);
  assert.is(code, 0, stderr);
  assert.not(existsSync(join(store, 'root', 'snapshots-v1')));
});

test('the same build is the same archive, byte for byte, as root and as anybody', async () => {
  const folder = context({ Dockerfile: 'FROM scratch\nCOPY . /app\nLABEL a=b\n', 'x/y': 'Y'.repeat(5000), z: 'Z' });
  const digests = new Set<string>();
  for (const uid of process.getuid?.() === 0 ? [undefined, 12345] : [undefined]) {
    const store = join(root, `same-${++count}`);
    mkdirSync(store, { mode: 0o777 });
    chmodSync(store, 0o777);
    const archive = join(store, 'app.tar');
    const mkimage = mkimageIn(store, { env: EPOCH, ...(uid === undefined ? {} : { uid }) });
    const { code, stderr } = await mkimage(['build', '-o', `type=oci,dest=${archive}`, folder]);
    assert.is(code, 0, stderr);
    digests.add(digestOf(readFileSync(archive)));
  }
  assert.is(digests.size, 1);
});

asRoot('with SOURCE_DATE_EPOCH a build with RUN is the same archive from an empty store', async () => {
  const folder = hello();
  const nodes = [process.execPath, ...(process.env.MKIMAGE_NODE24 ? [process.env.MKIMAGE_NODE24] : [])];
  const digests = new Set<string>();
  for (const node of [...nodes, nodes[0]!]) {
    const store = join(root, `epoch-${++count}`);
    mkdirSync(store);
    const archive = join(store, 'app.tar');
    const env = { ...EPOCH, MKIMAGE_ROOT: join(store, 'root') };
    await succeed(node, ['dist/cli.js', 'build', '-o', `type=oci,dest=${archive}`, folder], { env });
    digests.add(digestOf(readFileSync(archive)));
  }
  assert.is(digests.size, 1);
});

judged('skopeo', 'umoci')('skopeo and umoci take the archive', async () => {
  const mkimage = freshStore();
  const archive = join(root, 'judged.tar');
  const built = await mkimage(['build', '-t', 'hello:1', '-o', `type=oci,dest=${archive}`, hello()]);
  assert.is(built.code, 0, built.stderr);
  const layout = join(root, 'judged-layout');
  await succeed('skopeo', ['copy', '--insecure-policy', `oci-archive:${archive}`, `oci:${layout}:v`]);
  await succeed('skopeo', [
    'copy',
    '--insecure-policy',
    `docker-archive:${archive}`,
    `dir:${join(root, 'judged-dir')}`,
  ]);
  const bundle = join(root, 'judged-bundle');
  await succeed('umoci', ['unpack', '--image', `${layout}:v`, bundle]);
  assert.match(readFileSync(join(bundle, 'rootfs/etc/greeting.txt'), 'utf8'), /hello/);
  assert.is(readdirSync(join(bundle, 'rootfs/bin')).includes('sh'), true);
});

judged('podman')('podman loads the archive and shows its files', async () => {
  const mkimage = freshStore();
  const archive = join(root, 'podman.tar');
  await mkimage(['build', '-t', 'hello:podman', '-o', `type=oci,dest=${archive}`, hello()]);
  const storage = ['--root', join(root, 'podman'), '--runroot', join(root, 'podman-run'), '--storage-driver', 'vfs'];
  await succeed('podman', [...storage, 'load', '-i', archive]);
  const mounted = (await succeed('podman', [...storage, 'image', 'mount', 'docker.io/library/hello:podman'])).trim();
  assert.match(readFileSync(join(mounted, 'etc/greeting.txt'), 'utf8'), /hello/);
  await succeed('podman', [...storage, 'image', 'umount', 'docker.io/library/hello:podman']);
});

asRoot('stages that the target does not need are not run, others see each other', async () => {
  const folder = hello();
  const text = [
    'FROM scratch AS tools',
    'COPY busybox /bin/sh',
    'FROM tools AS unneeded',
    'RUN exit 7',
    'FROM tools AS one',
    'RUN echo one > /one',
    'FROM tools AS two',
    'RUN echo two > /two',
    'FROM scratch',
    'COPY --from=one /one /',
    'COPY --from=two /two /',
  ].join('\n');
  writeFileSync(join(folder, 'Dockerfile'), text);
  const out = join(root, 'stages');
  const { code, stderr } = await freshStore()(['build', '-o', `type=local,dest=${out}`, folder]);
  assert.is(code, 0, stderr);
  assert.equal(readdirSync(out).sort(), ['one', 'two']);
  assert.not.match(stderr, /unneeded/);
});

asRoot('a cache mount whose first content was not to be had is filled by the next build', async () => {
  const mkimage = freshStore();
  const folder = hello();
  const dockerfile = (path: string) => `FROM scratch AS seed
COPY greeting.txt ${path}
FROM scratch
COPY busybox /bin/busybox
RUN --mount=type=cache,id=x,target=/c,from=seed,source=/seed ["/bin/busybox", "ls", "/c"]
`;
  writeFileSync(join(folder, 'Dockerfile'), dockerfile('/elsewhere/'));
  assert.is((await mkimage(['build', folder])).code, 4);
  writeFileSync(join(folder, 'Dockerfile'), dockerfile('/seed/'));
  const { code, stderr } = await mkimage(['build', folder]);
  assert.is(code, 0, stderr);
  assert.match(stderr, /\d greeting\.txt$/m);
});

asRoot('a failing RUN ends with 4, its last lines and the place of its whole log', async () => {
  const folder = hello();
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY busybox /bin/sh\nRUN echo before; exit 9\n');
  const { code, stderr } = await freshStore()(['build', folder]);
  assert.is(code, 4);
  assert.match(stderr, /exit code: 9/);
  assert.match(stderr, /before/);
  assert.match(stderr, /Dockerfile:3|3 \| >>>/);
  assert.not.match(stderr, /^\s+at /m);
  const log = /complete output: (\S+)/.exec(stderr)?.[1] ?? '';
  assert.is(readFileSync(log, 'utf8'), 'before\n');
});

function fails(title: string, files: Readonly<Record<string, string>>, code: number, ...says: RegExp[]): void {
  test(title, async () => {
    const result = await freshStore()(['build', context(files)]);
    assert.is(result.code, code, result.stderr);
    for (const pattern of says) assert.match(result.stderr, pattern);
    assert.not.match(result.stderr, /^\s+at .*:\d+:\d+\)?$/m);
    assert.is(result.stdout, '');
  });
}

fails(
  'an unknown instruction is shown in its line, with the nearest one',
  { Dockerfile: 'FROM scratch\nCPOY a b\n' },
  3,
  /Dockerfile:2/,
  />>> CPOY a b/,
  /COPY/,
);
fails(
  'a missing source names the line of the ignore file that hides it',
  { Dockerfile: 'FROM scratch\nCOPY app.jar /\n', 'app.jar': '', '.dockerignore': '# jars\n*.jar\n' },
  4,
  /app\.jar/,
  /\.dockerignore:2/,
  />>> COPY app\.jar/,
);
fails(
  'a missing source names files that look like it',
  { Dockerfile: 'FROM scratch\nCOPY app.jar /\n', 'target/app.jar': '' },
  4,
  /target\/app\.jar/,
);
fails('an unterminated heredoc is told', { Dockerfile: 'FROM scratch\nCOPY <<EOF /x\nhello\n' }, 3, /EOF/);
fails(
  'a missing stage is told with the nearest one',
  { Dockerfile: 'FROM scratch AS build\nFROM scratch\nCOPY --from=biuld /a /\n' },
  3,
  /build/,
);

test('a bad flag ends with 2 and names the nearest', async () => {
  const { code, stderr } = await freshStore()(['build', '--tagg', 'x', '.']);
  assert.is(code, 2);
  assert.match(stderr, /--tag/);
});

test('a build file alone, and a tar, are taken from standard input', async () => {
  const mkimage = freshStore();
  assert.is((await mkimage(['build', '-'], { input: 'FROM scratch\nENV A=b\n' })).code, 0);
  const folder = context({ Dockerfile: 'FROM scratch\nCOPY a /\n', a: 'A' });
  await succeed('tar', ['-C', folder, '-czf', `${folder}.tgz`, '.']);
  const { code, stderr } = await mkimage(['build', '-'], { input: readFileSync(`${folder}.tgz`) });
  assert.is(code, 0, stderr);
});

withNeeds(test, { programs: ['tar', 'xz', 'bzip2', 'zstd', 'gzip'] })(
  'ADD unpacks archives of every compression, and only archives',
  async () => {
    const folder = context({ 'in/f': 'F', 'plain.txt': 'no archive' });
    const flags = { tar: '', gz: '-z', bz2: '-j', xz: '-J', zst: '--zstd' };
    for (const [ending, flag] of Object.entries(flags)) {
      await succeed('tar', [
        '-C',
        join(folder, 'in'),
        ...(flag ? [flag] : []),
        '-cf',
        join(folder, `a.${ending}`),
        '.',
      ]);
    }
    const lines = Object.keys(flags).map((ending) => `ADD a.${ending} /${ending}/`);
    writeFileSync(join(folder, 'Dockerfile'), ['FROM scratch', ...lines, 'ADD plain.txt /plain/', ''].join('\n'));
    const out = join(root, 'unpacked');
    const { code, stderr } = await freshStore()(['build', '-o', `type=local,dest=${out}`, folder]);
    assert.is(code, 0, stderr);
    for (const ending of Object.keys(flags)) assert.is(readFileSync(join(out, ending, 'f'), 'utf8'), 'F');
    assert.is(readFileSync(join(out, 'plain/plain.txt'), 'utf8'), 'no archive');
  },
);

test('a password in a URL is in no output, no image and no cache', async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/missing' ? 404 : 200);
    response.end('x');
  });
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  const host = `127.0.0.1:${(server.address() as { port: number }).port}`;
  const add = `ADD http://hunter1@${host}/a http://me:hunt%40er2@${host}/b http://me@x:hunter@3@${host}/c /d/`;
  const mkimage = freshStore();
  const said: string[] = [];
  for (const text of [add, `ADD http://me:hunter4@${host}/missing /`]) {
    for (const progress of ['plain', 'rawjson']) {
      const folder = context({ Dockerfile: `FROM scratch\n${text}\n` });
      const { stdout, stderr } = await mkimage(['build', '-t', 'x', `--progress=${progress}`, folder]);
      said.push(stdout, stderr);
    }
  }
  said.push((await mkimage(['history', '--no-trunc', 'x'])).stdout);
  server.close();
  const written = ['images', 'cache-v1'].flatMap((room) => textsBelow(join(root, `store-${count - 4}`, 'root', room)));
  assert.ok(written.length > 3 && said.at(-1)?.includes(`${host}/a`));
  for (const text of [...said, ...written]) assert.not.match(text, /hunt/);
});

function textsBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
}

test('ADD fetches a URL once and asks the next time only whether it changed', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.method ?? '');
    response.writeHead(200, { etag: '"1"', 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' });
    response.end(request.method === 'HEAD' ? undefined : 'downloaded');
  });
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  const { port } = server.address() as { port: number };
  const folder = context({ Dockerfile: `FROM scratch\nADD http://127.0.0.1:${port}/file.txt /\n` });
  const mkimage = freshStore();
  const first = await mkimage(['build', folder]);
  const second = await mkimage(['build', folder]);
  server.close();
  assert.is(first.code, 0, first.stderr);
  assert.is(second.stdout, first.stdout);
  assert.equal(asked, ['GET', 'HEAD']);
});

judged('docker-registry', 'skopeo')('FROM pulls from a registry, and asks it nothing the second time', async () => {
  const registry = await startRegistry();
  const archive = join(root, 'base.tar');
  await freshStore()(['build', '-o', `type=oci,dest=${archive}`, hello()]);
  const name = `${registry.host}/team/base:1`;
  const push = ['copy', '--insecure-policy', '--dest-tls-verify=false', `oci-archive:${archive}`, `docker://${name}`];
  await succeed('skopeo', push);
  const folder = context({ Dockerfile: `FROM ${name}\nRUN echo there > /there\nCOPY a /\n`, a: 'A' });
  const mkimage = freshStore();
  const first = await mkimage(['build', folder]);
  await registry[Symbol.asyncDispose]();
  assert.is(first.code, 0, first.stderr);
  const second = await mkimage(['build', folder]);
  assert.is(second.stdout, first.stdout, second.stderr);
  const refused = await mkimage(['build', context({ Dockerfile: `FROM ${registry.host}/team/other:1\n` })]);
  assert.ok([3, 5].includes(refused.code ?? 0), refused.stderr);
});

asRoot('an interrupt ends the step and leaves nothing mounted', async () => {
  const folder = hello();
  const nap = `sleep 61.${process.pid}`;
  const text = `FROM scratch\nCOPY busybox /bin/sh\nCOPY busybox /bin/sleep\nRUN ${nap}\n`;
  writeFileSync(join(folder, 'Dockerfile'), text);
  const store = join(root, 'interrupted');
  const script = `${process.execPath} dist/cli.js build ${folder} & pid=$!; for i in $(seq 100); do pgrep -f '${nap}' >/dev/null && break; sleep 0.1; done; kill -INT $pid; wait $pid`;
  const { code } = await run('bash', ['-c', script], { env: { MKIMAGE_ROOT: store } });
  assert.is(code, 130);
  assert.is((await run('pgrep', ['-x', '-f', nap])).code, 1);
  assert.not.ok(readFileSync('/proc/self/mounts', 'utf8').includes(store));
});

test.run();
