import { cpSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../support/mkimage.ts';
import { tempDir } from '../support/temp.ts';

/** The program lies in `dist` twice: whole, with what V8 made of it, and in chunks. */
const test = suite('the start of the program');
const root = tempDir('launch');
const dist = join(root, 'dist');
cpSync('dist', dist, { recursive: true });
cpSync('package.json', join(root, 'package.json'));
mkdirSync(join(root, 'context'));
writeFileSync(join(root, 'context', 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');

const compiled = readdirSync(dist)
  .filter((name) => name.endsWith('.bin'))
  .map((name) => join(dist, name));

async function builds(): Promise<void> {
  const env = { MKIMAGE_ROOT: join(root, 'store'), SOURCE_DATE_EPOCH: '1' };
  const built = await run(process.execPath, [join(dist, 'cli.js'), 'build', '-q', join(root, 'context')], { env });
  assert.is(built.code, 0, built.stderr);
  assert.match(built.stdout, /^sha256:[0-9a-f]{64}\n$/);
  const faulty = await run(process.execPath, [join(dist, 'cli.js'), 'biuld'], { env, cwd: resolve(root) });
  assert.is(faulty.code, 2);
  assert.match(faulty.stderr, /did you mean `build`/);
}

test('works as it was bundled', async () => {
  assert.is(compiled.length, 1);
  await builds();
});

test('works with a torn and with a foreign compiled form', async () => {
  for (const file of compiled) truncateSync(file, 300_000);
  await builds();
  for (const file of compiled) writeFileSync(file, 'not made by V8');
  await builds();
});

test('works from its chunks where nothing was compiled for this V8', async () => {
  for (const file of compiled) rmSync(file);
  rmSync(join(dist, 'whole.cjs'));
  await builds();
});

test.run();
