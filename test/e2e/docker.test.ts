import { copyFileSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Dockerd, startDockerd } from '../support/dockerd.ts';
import { mkimageIn } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('Docker');
const needs = { root: true, programs: ['busybox', 'dockerd', 'docker'] } as const;
const root = tempDir('docker');
let docker: Dockerd | undefined;

if (needs.programs.every((name) => programPath(name))) docker = await startDockerd();
const judged = withNeeds(test, { ...needs, missing: docker ? undefined : 'a dockerd that can start here' });

judged('loads the archive and runs the image', async () => {
  const folder = join(root, 'hello');
  cpSync('fixtures/hello', folder, { recursive: true });
  copyFileSync(programPath('busybox') ?? '', join(folder, 'busybox'));
  const archive = join(root, 'hello.tar');
  const args = ['build', '-t', 'hello:d', '-o', `type=docker,dest=${archive}`, folder];
  const built = await mkimageIn(join(root, 'store'))(args);
  assert.is(built.code, 0, built.stderr);
  docker!.docker('load', '-i', archive);
  const said = docker!.docker('run', '--rm', '--network', 'host', 'hello:d');
  assert.is(said, readFileSync(join(folder, 'greeting.txt'), 'utf8'));
});

test.after(async () => docker?.[Symbol.asyncDispose]());

test.run();
