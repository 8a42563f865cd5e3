import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kindOf, readRegularFile } from '../../../src/host/index.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('host: regular file');
const root = tempDir('regular-file');
const code =
  (expected: string, message = /./) =>
  (error: NodeJS.ErrnoException) =>
    error.code === expected && message.test(error.message);

test('all bytes come back, whatever they are', () => {
  const file = join(root, 'bytes');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      writeFileSync(file, bytes);
      assert.equal(readRegularFile(file, bytes.length), Buffer.from(bytes));
    }),
    { numRuns: 40 },
  );
});

test('a file as long as allowed is read, one byte more is EFBIG with the limit', () => {
  const file = join(root, 'long');
  writeFileSync(file, Buffer.alloc(200_000, 1));
  assert.is(readRegularFile(file, 200_000).length, 200_000);
  assert.throws(() => readRegularFile(file, 199_999), code('EFBIG', /199999 bytes/));
});

test('a file of /proc, which claims to be empty, is read to its end, and the limit counts', () => {
  const text = readRegularFile('/proc/self/status', 1 << 20).toString();
  assert.match(text, /^Name:/);
  assert.match(text, /nonvoluntary_ctxt_switches/);
  assert.throws(() => readRegularFile('/proc/self/status', 10), code('EFBIG'));
});

test('what is no file is refused without waiting, by its kind, and nothing stays open', async () => {
  execFileSync('mkfifo', [join(root, 'pipe')]);
  mkdirSync(join(root, 'folder'));
  const before = readdirSync('/proc/self/fd').length;
  assert.throws(() => readRegularFile(join(root, 'pipe'), 10), code('EINVAL', /it is a pipe/));
  assert.throws(() => readRegularFile(join(root, 'folder'), 10), code('EINVAL', /it is a directory/));
  assert.throws(() => readRegularFile('/dev/zero', 10), code('EINVAL', /it is a device/));
  assert.throws(() => readRegularFile(join(root, 'never'), 10), code('ENOENT'));
  assert.is(readdirSync('/proc/self/fd').length, before);
});

test('each kind has its name', async () => {
  symlinkSync('nowhere', join(root, 'link'));
  const server = createServer().listen(join(root, 's'));
  await new Promise((settle) => server.once('listening', settle));
  try {
    assert.is(kindOf(lstatSync(join(root, 'link'))), 'a symbolic link');
    assert.is(kindOf(lstatSync(join(root, 's'))), 'a socket');
    assert.is(kindOf(lstatSync('/dev/null')), 'a device');
  } finally {
    await new Promise((settle) => server.close(settle));
  }
});

test.run();
