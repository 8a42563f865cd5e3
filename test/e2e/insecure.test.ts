/** `--insecure` and `registry.insecure=true`: for the push that asks for it, and for nothing else. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry } from '../support/registry.ts';
import { tempDir } from '../support/temp.ts';
import { throwawayCertificate } from '../support/throwaway-certificate.ts';

const test = suite('insecure pushes');
const withTls = withNeeds(test, { programs: [REGISTRY_PROGRAM, 'openssl'] });
const root = tempDir('insecure');
const mkimage = mkimageIn(join(root, 'store'));
const context = join(root, 'context');
mkdirSync(context);
writeFileSync(join(context, 'file'), 'content');
writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY file /\n');
let steps = 0;

/** A registry whose certificate nobody trusts. */
const startUntrusted = () => startRegistry({ tls: throwawayCertificate(['localhost']) });

withTls('a certificate that is not trusted is refused, and taken by the push that says so', async () => {
  await using registry = await startUntrusted();
  const name = `${registry.host}/team/app:1`;
  assert.is((await mkimage(['build', '-q', '-t', name, context])).code, 0);
  const refused = await mkimage(['push', name]);
  assert.is(refused.code, 5, refused.stderr);
  assert.match(refused.stderr, /certificate/);
  const pushed = await mkimage(['push', '--insecure', name]);
  assert.is(pushed.code, 0, pushed.stderr);
  const again = await mkimage(['push', name]);
  assert.is(again.code, 5, again.stderr);
});

withTls('of several outputs only the one that says so is insecure, and no base is', async () => {
  await using one = await startUntrusted();
  await using two = await startUntrusted();
  const output = (name: string, insecure: boolean) => [
    '-o',
    `type=registry,name=${name},registry.insecure=${insecure}`,
  ];
  const first = await mkimage(['build', '-q', ...output(`${one.host}/app:1`, true), context]);
  assert.is(first.code, 0, first.stderr);
  const both = await mkimage([
    'build',
    '-q',
    ...[...output(`${one.host}/app:2`, true), ...output(`${two.host}/app:2`, false)],
    context,
  ]);
  assert.is(both.code, 5, both.stderr);
  assert.match(both.stderr, new RegExp(`${two.host}.*certificate`));

  const above = join(root, `above-${++steps}`);
  mkdirSync(above);
  writeFileSync(join(above, 'Dockerfile'), `FROM ${one.host}/app:other\n`);
  const based = await mkimage(['build', '-q', ...output(`${one.host}/above:1`, true), above]);
  assert.is(based.code, 5, based.stderr);
  assert.match(based.stderr, /app:other.*certificate/);
});

withTls('a cache in a registry may be insecure by itself', async () => {
  await using registry = await startUntrusted();
  const cache = (insecure: boolean) => `type=registry,ref=${registry.host}/cache:1,registry.insecure=${insecure}`;
  const write = (insecure: boolean) =>
    mkimage(['build', '-q', `--cache-to=${cache(insecure)},ignore-error=false`, context]);
  assert.is((await write(false)).code, 5);
  const written = await write(true);
  assert.is(written.code, 0, written.stderr);
  const other = mkimageIn(join(root, 'other'));
  const read = await other(['build', '--progress=plain', `--cache-from=${cache(true)}`, context]);
  assert.is(read.code, 0, read.stderr);
  assert.match(read.stderr, /CACHED/);
});

test.run();
