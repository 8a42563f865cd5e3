import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { probeEmulation } from '../../src/sandbox/emulation/probe-emulation.ts';
import { createArm64Program, registerArm64 } from '../support/foreign-machine.ts';
import { mkimageIn } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('steps for another processor');
const root = tempDir('emulators');
const mkimage = mkimageIn(join(root, 'store'));
const onAmd64 = process.arch === 'x64' ? undefined : 'a machine for amd64';

/** A context with a program for arm64. */
function contextOf(name: string, buildFile: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'program'), createArm64Program(), { mode: 0o755 });
  writeFileSync(join(folder, 'Dockerfile'), buildFile);
  return folder;
}

withNeeds(test, { root: true, programs: ['qemu-aarch64-static'], missing: onAmd64 })(
  'RUN runs programs for arm64 where qemu is registered, and uses its result without it',
  async () => {
    const folder = contextOf('run', 'FROM scratch\nCOPY program /program\nRUN ["/program"]\n');
    const dest = join(root, 'out');
    const args = ['build', '--progress=plain', '--platform', 'linux/arm64', '-o', dest, folder];
    {
      using _emulator = registerArm64();
      const built = await mkimage(args);
      assert.is(built.code, 0, built.stderr);
    }
    assert.is(readFileSync(join(dest, 'machine'), 'utf8'), 'aarch64');
    const again = await mkimage(args);
    assert.is(again.code, 0, again.stderr);
    assert.is(again.stderr.match(/CACHED/g)?.length, 2);
  },
);

const emulated = probeEmulation('s390x', root).canRun ? 'a machine that runs no programs for s390x' : undefined;

withNeeds(test, { missing: emulated })(
  'without an emulator nothing is built, and the error names the package and the steps',
  async () => {
    const folder = contextOf(
      'refused',
      'FROM scratch AS a\nCOPY program /one\nFROM scratch\nCOPY program /two\nRUN ["/two"]\n',
    );
    const { code, stderr } = await mkimage(['build', '--progress=plain', '--platform', 'linux/s390x', folder]);
    assert.is(code, 1, stderr);
    assert.match(
      stderr,
      /build for linux\/s390x: this machine cannot run the programs of `RUN \["\/two"\]` \(line 5\)/,
    );
    assert.match(stderr, /hint: install an emulator \(the package qemu-user-static/);
    assert.not.match(stderr, /COPY program.*\n#\d+ DONE/);
  },
);

test.run();
