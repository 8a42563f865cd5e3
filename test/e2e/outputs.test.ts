import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn, run, succeed } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { serve } from '../support/scripted-server.ts';
import { tempDir } from '../support/temp.ts';

// What the bundle has to prove for itself: dependencies load differently from one file than from node_modules.
const test = suite('outputs and pulls of the bundle');
const root = tempDir('outputs');
const mkimage = mkimageIn(join(root, 'store'));
const folder = join(root, 'context');
mkdirSync(folder);
writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY text /text\n');
writeFileSync(join(folder, 'text'), 'some text, repeated\n'.repeat(20_000));

for (const compression of ['gzip', 'zstd', 'uncompressed']) {
  withNeeds(test, { programs: ['skopeo'] })(`writes layers that skopeo reads: ${compression}`, async () => {
    const [dest, copy] = [join(root, `${compression}.tar`), join(root, compression)];
    const built = await mkimage(['build', '-o', `type=oci,dest=${dest},compression=${compression}`, folder]);
    assert.is(built.code, 0, built.stderr);
    await succeed('skopeo', ['copy', '--insecure-policy', `oci-archive:${dest}`, `dir:${copy}`]);
    const [layer] = JSON.parse(readFileSync(join(copy, 'manifest.json'), 'utf8')).layers;
    assert.is(layer.mediaType.endsWith(compression === 'uncompressed' ? '.tar' : `+${compression}`), true);
  });
}

test('writes several outputs in one build, the same as each alone', async () => {
  const [one, two, alone] = ['one.tar', 'two.tar', 'alone.tar'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  await mkimage(['build', '-o', `type=oci,dest=${one}`, '-o', `type=docker,dest=${two}`, folder]);
  await mkimage(['build', '-o', `type=oci,dest=${alone}`, folder]);
  assert.ok(readFileSync(one).equals(readFileSync(alone)));
  assert.ok(readFileSync(two).equals(readFileSync(alone)));
});

test('takes what scripts for buildx say of an output: no file for docker, times, annotations of an index', async () => {
  const flags = ['--annotation', 'manifest,index:both=1', '--annotation', 'index[linux/amd64],index-descriptor:lost=1'];
  const docker = 'type=docker,rewrite-timestamp=true,source-date-epoch=1700000000';
  const built = await mkimage(['build', '-t', 'timed', '-o', docker, ...flags, folder]);
  assert.is(built.code, 0, built.stderr);
  assert.match(built.stderr, /annotation `lost` is ignored: an image for one platform has no index/);
  assert.not.match(built.stderr, /`both`/);
  const [image] = JSON.parse((await mkimage(['inspect', 'timed'])).stdout);
  assert.match(JSON.stringify(image), /"Created":"2023-11-14T22:13:20Z"/);
  const twice = await mkimage(['build', '-o', '-', '-o', 'type=oci', folder]);
  assert.is(twice.code, 2, twice.stderr);
  assert.match(twice.stderr, /more than one goes to standard output/);
  const torn = await mkimage(['build', '-o', docker, '-o', 'type=image,source-date-epoch=5', folder]);
  assert.is(torn.code, 2, torn.stderr);
  assert.match(torn.stderr, /different times, 1700000000 and 5/);
});

test('puts the answer of a check into the metadata file too', async () => {
  const file = join(root, 'answer.json');
  const input = 'FROM scratch\nARG DB_PSW\n';
  const { code, stdout, stderr } = await mkimage(
    ['build', '--call=check,format=json', '--metadata-file', file, '-f', '-', folder],
    { input },
  );
  assert.is(code, 3, stderr);
  const metadata = JSON.parse(readFileSync(file, 'utf8'));
  assert.equal(metadata['result.json'], JSON.parse(stdout));
  assert.is(metadata['result.json'].warnings[0].ruleName, 'SecretsUsedInArgOrEnv');
  assert.match(metadata['buildx.build.ref'], /^mkimage\//);
  const missing = await mkimage(['build', '--check', '--metadata-file', join(root, 'no/answer.json'), folder]);
  assert.is(missing.code, 2, missing.stderr);
});

test('empties a directory outside of the working one only with a word', async () => {
  const dest = join(root, 'emptied');
  mkdirSync(dest);
  writeFileSync(join(dest, 'mine'), '');
  const args = ['build', '-o', `type=local,dest=${dest},mode=delete,src=/`, folder];
  const refused = await mkimage(args);
  assert.is(refused.code, 2, refused.stderr);
  assert.equal(readdirSync(dest), ['mine']);
  assert.is((await mkimage([...args, '--allow', 'buildx.local.delete'])).code, 0);
  assert.equal(readdirSync(dest), ['text']);
});

withNeeds(test, { programs: ['tar'] })('writes a root filesystem to stdout and nothing else', async () => {
  const built = await mkimage(['build', '-o', '-', folder]);
  assert.is(built.code, 0, built.stderr);
  const listed = await run('tar', ['-tf', '-'], { input: built.stdout });
  assert.equal(listed, { code: 0, signal: null, stdout: 'text\n', stderr: '' });
});

test('answers the challenge of a registry', async () => {
  await using tokens = await serve((_request, response) => response.end('{"token":"good"}'));
  await using registry = await serve((request, response) => {
    if (request.headers.authorization === 'Bearer good') return void response.writeHead(404).end();
    const challenge = `Bearer realm="http://127.0.0.1:${tokens.port}/",service="s"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
  });
  const { code, stderr } = await mkimage(['pull', `127.0.0.1:${registry.port}/app:v1`]);
  assert.match(stderr, /status 404/);
  assert.is(code, 1);
  assert.is(tokens.seen.length, 1);
});

test.run();
