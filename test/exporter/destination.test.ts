import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { OutputSpec } from '../../src/api/index.ts';
import { MkimageError } from '../../src/errors.ts';
import { checkDestination } from '../../src/exporter/destination.ts';
import { outputFault } from '../../src/exporter/output-fault.ts';
import { refuses } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('destinations of outputs');

const root = tempDir('destination');
mkdirSync(join(root, 'folder'));
writeFileSync(join(root, 'file'), '');
symlinkSync('folder', join(root, 'link'));
execFileSync('mkfifo', [join(root, 'pipe')]);

const check = (spec: object, dest: string) =>
  checkDestination({ ...spec, dest: dest === '-' ? dest : join(root, dest) } as unknown as OutputSpec);
const FILE = { type: 'tar' };
const FOLDER = { type: 'local' };

test('a file may be new, replaced, a pipe or the standard output', () => {
  for (const dest of ['new.tar', 'file', 'pipe', 'link/new.tar', '-']) check(FILE, dest);
});

test('a folder may be new, also with new parents, and a link to a folder', () => {
  for (const dest of ['folder', 'new', 'new/deep/er', 'link', 'link/new']) check(FOLDER, dest);
});

test('what cannot be written is refused with the reason', async () => {
  await refuses('usage', () => check(FILE, 'folder'), /it is a directory/);
  await refuses('usage', () => check(FILE, 'missing/new.tar'), /its directory does not exist/);
  await refuses('usage', () => check(FOLDER, 'file'), /a file with that name exists/);
  await refuses('usage', () => check(FOLDER, 'file/below'), /exists|not a directory/);
});

test('an output without a destination is not looked at', () => {
  checkDestination({ type: 'cacheonly' } as unknown as OutputSpec);
});

test('a fault of the destination is one of the user, a full disk is not', () => {
  const faultOf = (code: string) => outputFault('out.tar', Object.assign(new Error(code), { code }));
  for (const code of ['EACCES', 'EROFS', 'ENOENT', 'EISDIR']) assert.is(faultOf(code).code, 'usage', code);
  for (const code of ['ENOSPC', 'EDQUOT', 'EPIPE', 'EIO']) assert.is(faultOf(code).code, 'store', code);
  assert.is(faultOf('ENOSPC').message, 'write `out.tar`: no space left on the disk');
  assert.is(faultOf('EIO').message, 'write `out.tar`: EIO');
  const own = new MkimageError('cancelled', 'cancelled');
  assert.is(outputFault('out.tar', own), own);
});

test.run();
