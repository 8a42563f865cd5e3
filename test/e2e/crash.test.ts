import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/index.ts';
import { mkimageIn } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('kill -9');
const asRoot = withNeeds(test, { root: true, programs: ['busybox'] });
const root = tempDir('crash');
const KILLS = Number(process.env.MKIMAGE_KILLS ?? 20);
const env = { SOURCE_DATE_EPOCH: '1700000000' };

asRoot('at any moment costs time and nothing else', async () => {
  const folder = context();
  const wanted = await buildTo(join(root, 'undisturbed'), folder);
  const store = join(root, 'disturbed');
  for (let round = 0; round < KILLS; round++) await killed(store, folder, 40 + ((round * 137) % 900));
  assert.is(await buildTo(store, folder), wanted);
  assert.equal(mountsBelow(root), []);
  const left = strays(join(store, 'root'));
  assert.equal(
    left.filter((name) => /^tmp\/(run|new|gone|blob)-|\/active\//.test(name)),
    [],
    'the next build removes what the killed ones left',
  );
  const mkimage = mkimageIn(store, { env });
  const pruned = await mkimage(['prune', '--force', '--all']);
  assert.is(pruned.code, 0, pruned.stderr);
  assert.equal(strays(join(store, 'root')), []);
});

test.run();

function context(): string {
  const folder = join(root, 'context');
  mkdirSync(join(folder, 'many'), { recursive: true });
  copyFileSync(programPath('busybox') ?? '', join(folder, 'busybox'));
  for (let index = 0; index < 500; index++) writeFileSync(join(folder, 'many', `f${index}`), 'x'.repeat(index * 20));
  const steps = ['one', 'two', 'three', 'four'].map((name) => `RUN echo ${name} > /${name}`);
  const text = ['FROM scratch', 'COPY busybox /bin/sh', ...steps, 'COPY many /many', 'RUN rm /many/f1 /one', ''];
  writeFileSync(join(folder, 'Dockerfile'), text.join('\n'));
  return folder;
}

async function buildTo(store: string, folder: string): Promise<string> {
  const archive = join(root, 'out.tar');
  const built = await mkimageIn(store, { env })(['build', '-t', 'x', '-o', `type=oci,dest=${archive}`, folder]);
  assert.is(built.code, 0, built.stderr);
  return digestOf(readFileSync(archive));
}

async function killed(store: string, folder: string, after: number): Promise<void> {
  const args = ['dist/cli.js', 'build', '--no-cache', '-o', `type=oci,dest=${join(root, 'half.tar')}`, folder];
  const options = { env: { ...process.env, ...env, MKIMAGE_ROOT: join(store, 'root') }, stdio: 'ignore' } as const;
  const child = spawn(process.execPath, args, options);
  const ended = new Promise((settle) => child.on('exit', settle));
  await sleep(after);
  child.kill('SIGKILL');
  await ended;
}

function mountsBelow(folder: string): readonly string[] {
  const points = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return points.filter((line) => line.includes(folder));
}

/** What a killed build left half made. */
function strays(store: string): string[] {
  const names = readdirSync(store, { recursive: true }).map(String);
  return names.filter((name) => /^tmp\/.+|\.tmp$|snapshots-v1\/[^/]+\/active\/.+/.test(name));
}
