import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeStepFolder, removeFoldersOfDead, retireStepFolder } from '../../src/executor/run/step-folder.ts';
import { makeDeepTree } from '../support/deep-tree.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('step folders');
const scratch = tempDir('step-folders');
const maker = (name: string) =>
  ({
    name,
    livenessOf: (owner: string) => (owner.startsWith('dead') ? 'dead' : owner.startsWith('far') ? 'unknown' : 'alive'),
  }) as const;

test('each step has a folder of its own, also the same step of two builds', () => {
  const [one, two] = [1, 2].map(() => makeStepFolder({ scratch, maker: maker('here.1.1') }, '0/3'));
  assert.is.not(one, two);
  assert.ok(existsSync(one!) && existsSync(two!));
});

test('folders of the dead go, with all in them; those of the living and of strangers stay', async () => {
  const [dead, alive, far] = ['dead.1.1', 'here.2.2', 'far.3.3'].map((name) =>
    makeStepFolder({ scratch, maker: maker(name) }, '1/2'),
  );
  makeDeepTree(dead!, 'deep', 2000);
  mkdirSync(join(scratch, 'run-without-owner'));
  mkdirSync(join(scratch, 'layers'));
  symlinkSync('dead.1.1', join(scratch, 'layers/owner'));
  await removeFoldersOfDead({ scratch, maker: maker('here.1.1') });
  assert.not(existsSync(dead!));
  assert.ok(existsSync(alive!) && existsSync(far!));
  const names = readdirSync(scratch);
  assert.ok(names.includes('run-without-owner') && names.includes('layers'));
});

test('a folder whose maker was killed before it was complete goes too', async () => {
  for (const name of ['dead.1.1', 'here.2.2']) mkdirSync(join(scratch, `new-${name}-AbC-12`));
  await removeFoldersOfDead({ scratch, maker: maker('here.1.1') });
  assert.equal(
    readdirSync(scratch).filter((name) => name.startsWith('new-')),
    ['new-here.2.2-AbC-12'],
  );
});

test('a removal that was cut short is finished', async () => {
  const folder = makeStepFolder({ scratch, maker: maker('here.1.1') }, '2/2');
  mkdirSync(join(folder, 'rest'));
  const gone = retireStepFolder(folder);
  rmSync(join(gone, 'owner'));
  await removeFoldersOfDead({ scratch, maker: maker('here.1.1') });
  assert.not(existsSync(folder) || existsSync(gone));
});

test.run();
