/** Builds without a network: what is in the store is used, and nobody is asked. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry } from '../support/registry.ts';
import { type RegistryFront, startRegistryFront } from '../support/registry-front.ts';
import { serve } from '../support/scripted-server.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('builds without a network');
const withRegistry = withNeeds(test, { programs: [REGISTRY_PROGRAM] });
const root = tempDir('offline');
let count = 0;

function newContext(buildFile: string): string {
  const folder = join(root, `context-${++count}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'file'), `file ${count}`);
  writeFileSync(join(folder, 'Dockerfile'), buildFile);
  return folder;
}

const newMachine = () => mkimageIn(join(root, `store-${++count}`));

/** A registry with the image `base:1`, behind a server that can be stopped. */
async function startBase(): Promise<RegistryFront & { moveTag(): Promise<void> }> {
  const registry = await startRegistry();
  const front = await startRegistryFront(registry.host);
  const push = async () => {
    const context = newContext('FROM scratch\nCOPY file /base\n');
    const pushed = await newMachine()(['build', '-q', '--push', '-t', `${front.host}/base:1`, context]);
    assert.is(pushed.code, 0, pushed.stderr);
    front.seen.length = 0;
  };
  await push();
  const stop = front[Symbol.asyncDispose];
  let isStopped = false;
  return Object.assign(front, {
    moveTag: push,
    [Symbol.asyncDispose]: async () => {
      if (isStopped) return;
      isStopped = true;
      await stop();
      await registry[Symbol.asyncDispose]();
    },
  });
}

withRegistry('a base that is stored is used as it is: no request is sent, also when its tag has moved', async () => {
  await using base = await startBase();
  const mkimage = newMachine();
  const build = (...flags: string[]) =>
    mkimage(['build', '-q', ...flags, newContext(`FROM ${base.host}/base:1\nCOPY file /own-${count}\n`)]);
  assert.is((await build()).code, 0);
  await base.moveTag();
  assert.is((await build()).code, 0);
  assert.equal(base.seen, []);
  assert.is((await build('--pull')).code, 0);
  assert.ok(base.seen.length > 0);
});

withRegistry('with the network down a build goes on from what is stored, and `--pull` fails and says why', async () => {
  const base = await startBase();
  const mkimage = newMachine();
  const context = newContext(`FROM ${base.host}/base:1\nCOPY file /own\n`);
  assert.is((await mkimage(['build', '-q', context])).code, 0);
  const digest = (await mkimage(['images', '--digests', '--no-trunc', `${base.host}/base`])).stdout.match(
    /sha256:[0-9a-f]{64}/,
  )?.[0];
  await base[Symbol.asyncDispose]();

  const again = await mkimage(['build', '--no-cache', '--progress=plain', context]);
  assert.is(again.code, 0, again.stderr);
  assert.not.match(again.stderr, /warning/i);
  const byDigest = newContext(`FROM ${base.host}/base@${digest}\nCOPY file /own\n`);
  for (const text of [context, byDigest]) {
    const built = await mkimage(['build', '-q', text]);
    assert.is(built.code, 0, built.stderr);
  }
  const forced = await mkimage(['build', '--pull', context]);
  assert.is(forced.code, 5, forced.stderr);
  assert.match(forced.stderr, /ECONNREFUSED/);
  assert.match(forced.stderr, /without `--pull` no registry is asked/);
  const unknown = await mkimage(['build', newContext(`FROM ${base.host}/other:1\n`)]);
  assert.is(unknown.code, 5, unknown.stderr);
  assert.not.match(unknown.stderr, /without `--pull`/);
});

test('a file of ADD is used from an earlier download, with a warning', async () => {
  const server = await serve((_, response) => response.setHeader('etag', '"1"').end('content'));
  const mkimage = newMachine();
  const context = newContext(`FROM scratch\nADD http://127.0.0.1:${server.port}/file /\n`);
  const first = await mkimage(['build', '-q', context]);
  assert.is(first.code, 0, first.stderr);
  await server[Symbol.asyncDispose]();
  const second = await mkimage(['build', '--no-cache', '--progress=plain', context]);
  assert.is(second.code, 0, second.stderr);
  assert.match(second.stderr, /the stored download is used/);
  const other = await mkimage(['build', newContext(`FROM scratch\nADD http://127.0.0.1:${server.port}/other /\n`)]);
  assert.is.not(other.code, 0);
});

test('a server that answers with an error is not a network that is down', async () => {
  let status = 200;
  await using server = await serve((_, response) => response.writeHead(status, { etag: '"1"' }).end('content'));
  const mkimage = newMachine();
  const context = newContext(`FROM scratch\nADD http://127.0.0.1:${server.port}/file /\n`);
  assert.is((await mkimage(['build', '-q', context])).code, 0);
  status = 403;
  const refused = await mkimage(['build', '--no-cache', context]);
  assert.is.not(refused.code, 0);
  assert.match(refused.stderr, /the server answered 403/);
});

test.run();
