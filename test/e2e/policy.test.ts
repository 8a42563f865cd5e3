import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('policies for sources');
const root = tempDir('policy');
const mkimage = mkimageIn(join(root, 'store'));
const folder = join(root, 'context');
mkdirSync(join(folder, 'other'), { recursive: true });
const BUILD_FILE = 'FROM scratch\nCOPY text /text\n';
for (const name of ['Dockerfile', 'app.Dockerfile', 'other/Dockerfile']) writeFileSync(join(folder, name), BUILD_FILE);
writeFileSync(join(folder, 'text'), 'text');
writeFileSync(join(folder, 'Dockerfile.rego'), 'package docker\ndefault allow := false\n');
symlinkSync('nowhere', join(folder, 'other/Dockerfile.rego'));

test('a policy beside the build file is refused and never passed over', async () => {
  for (const file of ['Dockerfile', 'other/Dockerfile']) {
    const { code, stderr } = await mkimage(['build', '-f', join(folder, file), folder]);
    assert.is(code, 1, stderr);
    assert.match(stderr, /Dockerfile\.rego`: policies for sources are not supported/);
    assert.match(stderr, /--policy disabled=true/);
  }
});

test('a policy does not count if that is said, nor one beside another build file', async () => {
  for (const policy of ['disabled=true', 'reset=true']) {
    const { code, stderr } = await mkimage(['build', '--policy', policy, folder]);
    assert.is(code, 0, stderr);
  }
  const { code, stderr } = await mkimage(['build', '-f', join(folder, 'app.Dockerfile'), folder]);
  assert.is(code, 0, stderr);
  assert.is((await mkimage(['build', '--check', folder])).code, 0);
});

withNeeds(test, { programs: ['tar'] })('a policy inside an archive is refused too', async () => {
  const input = execFileSync('tar', ['-C', folder, '-c', 'Dockerfile', 'Dockerfile.rego', 'app.Dockerfile', 'text']);
  const { code, stderr } = await mkimage(['build', '-'], { input });
  assert.is(code, 1, stderr);
  assert.match(stderr, /policy `Dockerfile\.rego`/);
  for (const flags of [
    ['--policy', 'disabled=true'],
    ['-f', 'app.Dockerfile'],
  ]) {
    const allowed = await mkimage(['build', ...flags, '-'], { input });
    assert.is(allowed.code, 0, allowed.stderr);
  }
});

test.run();
