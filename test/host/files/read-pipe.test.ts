import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openPipeReader, readPipe, readStream, readUntilCancelled } from '../../../src/host/index.ts';
import { rejects } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('host: pipes and streams');
const root = tempDir('read-pipe');
const never = new AbortController().signal;
let count = 0;

function pipe(): string {
  const path = join(root, `pipe-${count++}`);
  execFileSync('mkfifo', [path]);
  return path;
}

/** Opens for reading too, so that it does not wait for a reader. */
const openWriter = (path: string) => openSync(path, constants.O_RDWR);
const streamOf = (...pieces: readonly string[]) => Readable.from(pieces.map((piece) => Buffer.from(piece)));

test('a pipe without a writer is empty at once', async () => {
  assert.is((await readPipe(pipe(), { what: 'the input', most: 10, signal: never })).length, 0);
});

test('all that was written is read, also what comes later', async () => {
  const path = pipe();
  const writer = openWriter(path);
  writeSync(writer, 'first ');
  const reading = readPipe(path, { what: 'the input', most: 100, signal: never });
  writeSync(writer, 'second');
  closeSync(writer);
  assert.is((await reading).toString(), 'first second');
});

test('the limit counts what was in the pipe before it was read', async () => {
  for (const [early, late] of [
    ['elevenbytes', ''],
    ['six by', 'five!'],
  ] as const) {
    const path = pipe();
    const writer = openWriter(path);
    writeSync(writer, early);
    const reading = rejects(readPipe(path, { what: 'the input', most: 10, signal: never }), 'limit', /10 bytes/);
    writeSync(writer, late);
    closeSync(writer);
    await reading;
  }
});

test('waiting for a writer that says nothing ends when it is cancelled, and no descriptor stays open', async () => {
  const path = pipe();
  const writer = openWriter(path);
  const before = readdirSync('/proc/self/fd').length;
  const caller = new AbortController();
  const reading = readPipe(path, { what: 'the input', most: 100, signal: caller.signal });
  setTimeout(() => caller.abort(), 5);
  await rejects(reading, 'cancelled');
  await new Promise((turn) => setTimeout(turn, 5));
  assert.is(readdirSync('/proc/self/fd').length, before);
  closeSync(writer);
});

test('a pipe that is opened as a stream gives what its writer writes', async () => {
  const path = pipe();
  const writer = openWriter(path);
  const reader = openPipeReader(path);
  writeSync(writer, 'hello');
  closeSync(writer);
  assert.is((await readStream(reader, { what: 'the input', most: 5, signal: never })).toString(), 'hello');
});

test('what is not there is ENOENT', async () => {
  const error = await readPipe(join(root, 'never'), { what: 'the input', most: 10, signal: never }).catch(
    (reason: unknown) => reason,
  );
  assert.is((error as NodeJS.ErrnoException).code, 'ENOENT');
});

test('a stream as long as allowed is read, one byte more is a `limit` that names it', async () => {
  assert.is(
    (await readStream(streamOf('abc', 'def'), { what: 'the text', most: 6, signal: never })).toString(),
    'abcdef',
  );
  await rejects(
    readStream(streamOf('abc', 'def'), { what: 'the text', most: 5, signal: never }),
    'limit',
    /read the text: .* 5 bytes/,
  );
  assert.is((await readStream(streamOf(), { what: 'the text', most: 0, signal: never })).length, 0);
});

test('a stream without end is not read on beyond the limit', async () => {
  let given = 0;
  const endless = Readable.from(
    (function* () {
      for (;;) {
        given += 1000;
        yield Buffer.alloc(1000);
      }
    })(),
  );
  await rejects(readStream(endless, { what: 'the text', most: 5000, signal: never }), 'limit');
  assert.ok(given < 100_000, `${given}`);
  assert.ok(endless.destroyed);
});

test('a call that is cancelled already reads nothing, with the reason as the cause', async () => {
  const caller = new AbortController();
  caller.abort(new Error('enough'));
  const stream = new PassThrough();
  const error = await rejects(readStream(stream, { what: 'the text', most: 5, signal: caller.signal }), 'cancelled');
  assert.is((error.cause as Error).message, 'enough');
  assert.ok(stream.destroyed);
});

test('the failure of a stream is handed on', async () => {
  const stream = new PassThrough();
  const reading = readStream(stream, { what: 'the text', most: 5, signal: never });
  stream.destroy(new Error('disk is gone'));
  const error = await reading.catch((reason: unknown) => reason);
  assert.is((error as Error).message, 'disk is gone');
});

test('a signal that comes after the reading ended destroys nothing', async () => {
  const caller = new AbortController();
  const stream = new PassThrough();
  assert.is(await readUntilCancelled(stream, caller, async () => 7), 7);
  caller.abort();
  assert.not(stream.destroyed);
});

test.run();
