import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn, succeed } from '../support/mkimage.ts';
import { tempDir } from '../support/temp.ts';

/** Where a build may take its files from. No RUN: it needs no root. */
const test = suite('inputs of a build');
const root = tempDir('inputs');
const mkimage = mkimageIn(join(root, 'store'), { cwd: root });
const folder = join(root, 'app');
mkdirSync(folder);
writeFileSync(join(folder, 'a.txt'), 'A');
writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY a.txt /\nENV X=1\n');

/** The root filesystem of a build, as a list of names. */
async function filesOf(args: readonly string[], input?: string | Uint8Array): Promise<readonly string[]> {
  const out = join(root, 'out.tar');
  const result = await mkimage(
    ['build', '-q', '-o', `type=tar,dest=${out}`, ...args],
    input === undefined ? {} : { input },
  );
  assert.is(result.code, 0, result.stderr);
  return (await succeed('tar', ['-tf', out])).trimEnd().split('\n');
}

async function layoutOf(name: string, ...tags: readonly string[]): Promise<string> {
  const layout = join(root, name);
  const names = tags.flatMap((tag) => ['-t', tag]);
  const { code, stderr } = await mkimage(['build', ...names, '-o', `type=oci,tar=false,dest=${layout}`, folder]);
  assert.is(code, 0, stderr);
  await mkimage(['rmi', ...tags]);
  return layout;
}

test('an image layout replaces a base, by tag, by digest, or as the only image', async () => {
  const layout = await layoutOf('layout', 'base:v1');
  const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
  for (const where of ['layout', `${layout}:v1`, `${layout}@${manifests[0].digest}`]) {
    const args = ['--build-context', `base=oci-layout://${where}`, '-f', '-', folder];
    assert.equal(await filesOf(args, 'FROM base\nCOPY --from=base a.txt /b/\n'), ['a.txt', 'b/', 'b/a.txt']);
  }
});

test('an image that a layout does not have is reported with those that it has', async () => {
  const layout = await layoutOf('tagged', 'base:v1');
  const args = ['build', '--build-context', `base=oci-layout://${layout}:v2`, '-f', '-', folder];
  const { code, stderr } = await mkimage(args, { input: 'FROM base\n' });
  assert.is(code, 1);
  assert.match(stderr, /image `v2` not found\nhint: its tags are `v1`\n$/);
});

test('a check knows the base in an image layout', async () => {
  const layout = await layoutOf('checked', 'base:v1');
  const args = ['build', '--check', '--build-context', `base=oci-layout://${layout}`, '-f', '-', folder];
  const { code, stderr } = await mkimage(args, { input: 'FROM base\nLABEL x=$X\n' });
  assert.equal([code, stderr], [0, '']);
});

async function servedFiles<T>(
  files: Readonly<Record<string, Uint8Array | string>>,
  work: (base: string) => Promise<T>,
) {
  const server = createServer((request, response) => response.end(files[request.url ?? ''] ?? ''));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('the build file may come from a URL, or from standard input beside a remote context', async () => {
  await succeed('tar', ['-cf', join(root, 'app.tar'), '-C', folder, '.']);
  const files = {
    '/Dockerfile.web': 'FROM scratch\nCOPY a.txt /web/\n',
    '/app.tar': readFileSync(join(root, 'app.tar')),
  };
  await servedFiles(files, async (base) => {
    assert.equal(await filesOf(['-f', `${base}/Dockerfile.web`, folder]), ['web/', 'web/a.txt']);
    assert.equal(await filesOf(['-f', '-', `${base}/app.tar`], 'FROM scratch\nCOPY a.txt /in/\n'), ['in/', 'in/a.txt']);
    writeFileSync(join(root, 'Beside'), 'FROM scratch\nCOPY a.txt /beside/\n');
    assert.equal(await filesOf(['-f', join(root, 'Beside'), `${base}/app.tar`]), ['beside/', 'beside/a.txt']);
    const archive = await mkimage(['build', '-f', `${base}/app.tar`, folder]);
    assert.is(archive.code, 2);
    assert.match(archive.stderr, /it is an archive/);
  });
});

test('a context on standard input may be of any tar format, plain or compressed, whatever marks it has', async () => {
  for (const format of ['v7', 'ustar', 'oldgnu', 'gnu', 'pax']) {
    const plain = execFileSync('tar', [`--format=${format}`, '-c', '-C', folder, '.']);
    for (const bytes of [plain, gzipSync(plain)]) {
      assert.equal(await filesOf(['-'], bytes), ['a.txt'], format);
      assert.equal(await filesOf(['-f', 'Dockerfile', '-'], bytes), ['a.txt'], format);
    }
  }
});

test('standard input is one thing only', async () => {
  const both = await mkimage(['build', '-f', '-', '-'], { input: 'FROM scratch\n' });
  assert.is(both.code, 2);
  assert.match(both.stderr, /cannot be both context and build file/);
  const two = await mkimage(['build', '-f', 'Dockerfile', '-'], { input: 'FROM scratch\n' });
  assert.is(two.code, 2);
  assert.match(two.stderr, /standard input contains a build file too/);
});

const early = (title: string, args: readonly string[], code: number, message: RegExp) =>
  test(`${title} is told before anything is built`, async () => {
    const result = await mkimage(['build', '--progress=plain', ...args, folder]);
    assert.is(result.code, code, result.stderr);
    assert.match(result.stderr, message);
    assert.not.match(result.stderr, /COPY/);
  });

early(
  'a tag that is no name',
  ['-t', 'Bad/Name'],
  2,
  /^error: read `--tag Bad\/Name`: a repository name must be lower/,
);
early('an empty tag', ['-t', ''], 2, /^error: read `--tag `: it is empty/);
early('a tag with a digest', ['-t', `a@sha256:${'0'.repeat(64)}`], 2, /a tag must not contain a digest/);
early(
  'a secret that is nowhere',
  ['--secret', 'id=s,src=none'],
  2,
  /^error: read secret `s`: no such file `none`\nhint/,
);
early('a place for annotations that is none', ['--annotation', 'manifets:a=b'], 2, /unknown place `manifets`/);

early(
  'an output into a missing directory',
  ['-o', 'type=oci,dest=/nowhere/x.tar'],
  2,
  /its directory does not exist\n$/,
);
early('an output onto a directory', ['-o', `type=tar,dest=${root}`], 2, /it is a directory/);
early('a directory onto a file', ['-o', `type=local,dest=${folder}/a.txt`], 2, /a file with that name exists/);
early('an image ID into a missing directory', ['--iidfile', '/nowhere/id'], 2, /no such directory `\/nowhere`\n$/);

test('a context that is none, and a build file that is none, are wrong usage', async () => {
  const nowhere = await mkimage(['build', join(root, 'nowhere')]);
  assert.equal(
    [nowhere.code, nowhere.stderr],
    [2, `error: open context \`${join(root, 'nowhere')}\`: no such directory\n`],
  );
  const file = await mkimage(['build', join(folder, 'Dockerfile')]);
  assert.is(file.code, 2);
  assert.match(file.stderr, /not a directory\nhint: give the directory as context, and the build file with `-f`\n$/);
  const missing = await mkimage(['build', '-f', 'Nofile', folder]);
  assert.is(missing.code, 2);
});

test('a base that cannot be resolved is no error of the build file', async () => {
  const { code, stderr } = await mkimage(['build', '-f', '-', folder], { input: 'FROM 127.0.0.1:1/base\n' });
  assert.is(code, 5);
  const why =
    /error: 127\.0\.0\.1:1\/base: reach `127\.0\.0\.1:1`: connect ECONNREFUSED 127\.0\.0\.1:1\nhint: [^\n]*\n$/;
  assert.match(stderr, /\nDockerfile:1\n1 \| >>> FROM 127\.0\.0\.1:1\/base\n/);
  assert.match(stderr, why);
});

test('bytes that are no text and no archive are one error', async () => {
  for (const input of [
    Buffer.from('89504e470d0a1a0a0000', 'hex'),
    Buffer.from('504b03040a0000', 'hex'),
    Buffer.alloc(9),
  ]) {
    const { code, stderr } = await mkimage(['build', '-'], { input });
    assert.is(code, 1);
    assert.match(
      stderr,
      /^error: read standard input: neither a build file nor an archive\nhint: an archive is [^\n]*\n$/,
    );
  }
});

test('the internal name of a layout context is never shown', async () => {
  const layout = join(root, 'layout-named');
  const saved = await mkimage(['build', '-o', `type=oci,tar=false,dest=${layout}`, '-f', '-', folder], {
    input: 'FROM scratch\nCOPY a.txt /\n',
  });
  assert.is(saved.code, 0, saved.stderr);
  const args = ['--build-context', `my.base=oci-layout://${layout}`, '-f', '-', folder];
  const absent = await mkimage(['build', ...args], { input: 'FROM scratch\nCOPY --from=my.base /gone /\n' });
  assert.match(absent.stderr, /error: `gone` is not in the image `my-base`\n/);
  for (const blob of readdirSync(join(layout, 'blobs/sha256'))) {
    if (readFileSync(join(layout, 'blobs/sha256', blob))[0] !== 0x7b) rmSync(join(layout, 'blobs/sha256', blob));
  }
  const elsewhere = mkimageIn(join(root, 'fresh'));
  for (const flags of [[], ['--check']]) {
    const { code, stderr } = await elsewhere(['build', ...flags, ...args], { input: 'FROM my.base\n' });
    assert.not.equal(code, 0);
    assert.match(stderr, /error: (?:my\.base: )?read image layout /);
    assert.not.match(stderr, /oci-layout\.invalid/);
  }
});

test('an image that only a trigger wants points at the trigger', async () => {
  const input = 'FROM scratch AS base\nONBUILD COPY --from=127.0.0.1:1/tools /a /\nFROM base\n';
  const { code, stderr } = await mkimage(['build', '-f', '-', folder], { input });
  assert.is(code, 5);
  assert.match(stderr, /\n2 \| >>> ONBUILD COPY --from/);
  assert.match(
    stderr,
    /error: trigger `ONBUILD COPY --from=127\.0\.0\.1:1\/tools \/a \/` of the base: 127\.0\.0\.1:1\/tools: reach/,
  );
});

test('a COPY that cannot put its files there is a failed step', async () => {
  const input = 'FROM scratch\nCOPY a.txt /file\nCOPY a.txt /file/below\n';
  const { code, stderr } = await mkimage(['build', '-f', '-', folder], { input });
  assert.is(code, 4);
  assert.match(stderr, /3 \| >>> COPY a\.txt \/file\/below\n.*make directory `\/file`: a file with that name exists/s);
});

test('a malformed pattern, and a name in an empty image, are failed steps', async () => {
  const pattern = await mkimage(['build', '-f', '-', folder], { input: 'FROM scratch\nCOPY [a /a/\n' });
  assert.is(pattern.code, 4);
  assert.match(
    pattern.stderr,
    /2 \| >>> COPY \[a \/a\/\n.*read pattern `\[a`: it is not well formed\nhint: close every `\[`/s,
  );
  const owner = await mkimage(['build', '-f', '-', folder], { input: 'FROM scratch\nCOPY --chown=app a.txt /\n' });
  assert.is(owner.code, 4);
  assert.match(owner.stderr, /look up owner `app`: the image is empty/);
});

test('annotations for another platform are left out', async () => {
  const layout = join(root, 'annotated');
  const flags = [
    '--platform=linux/amd64',
    '--annotation',
    'manifest[linux/amd64]:own=1',
    '--annotation',
    'manifest[linux/arm64]:other=2',
  ];
  await mkimage(['build', ...flags, '-o', `type=oci,tar=false,dest=${layout}`, folder]);
  const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
  const blob = join(layout, 'blobs/sha256', manifests[0].digest.slice(7));
  assert.equal(JSON.parse(readFileSync(blob, 'utf8')).annotations, { own: '1' });
});

test('stages for --no-cache-filter are named in any case', async () => {
  const input = 'FROM scratch AS one\nWORKDIR /x\n';
  await mkimage(['build', '-f', '-', folder], { input });
  const { stderr } = await mkimage(['build', '--progress=plain', '--no-cache-filter', 'ONE', '-f', '-', folder], {
    input,
  });
  assert.match(stderr, /not cached: the cache is not used/);
});

test('--no-cache in one project takes no cache from another that has the same step', async () => {
  const build = (text: string, ...flags: readonly string[]) =>
    mkimage(['build', '--progress=plain', ...flags, '-f', '-', folder], { input: text });
  const [first, second] = ['a', 'b'].map(
    (name) => `FROM scratch\nWORKDIR /shared\nCOPY a.txt /made/\nCOPY a.txt /${name}\n`,
  );
  await build(first!);
  utimesSync(join(folder, 'a.txt'), 1e9, 1e9);
  assert.is((await build(second!, '--no-cache')).code, 0);
  const again = await build(first!);
  assert.not.match(again.stderr, /not cached/);
  assert.match(again.stderr, /CACHED/);
});

test('what the build makes on its own account has no times of now', async () => {
  const layersOf = async (name: string): Promise<readonly string[]> => {
    const fresh = mkimageIn(join(root, name), { cwd: root });
    await fresh(['build', '-t', 'x', '-f', '-', folder], { input: 'FROM scratch\nWORKDIR /a/b\nCOPY a.txt /c/d/\n' });
    return JSON.parse((await fresh(['inspect', 'x'])).stdout)[0].RootFS.Layers;
  };
  const layers = await layersOf('one-day');
  await new Promise((settle) => setTimeout(settle, 1100));
  assert.is(layers.length, 2);
  assert.equal(await layersOf('another-day'), layers);
});

test.run();
