import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { copyContent, createMemoryContent, verifyStream } from '../../src/content/index.ts';
import { MkimageError } from '../../src/errors.ts';
import { type Descriptor, digestOf } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('content: memory and verification');
const call = createQuietCall();
const streamOf = (...pieces: readonly (string | Uint8Array)[]) =>
  Readable.from(
    pieces.map((piece) => Buffer.from(piece as string)),
    { objectMode: false },
  );

function descriptorOf(bytes: Uint8Array | string, more: Partial<Descriptor> = {}): Descriptor {
  const content = Buffer.from(bytes as string);
  return { mediaType: 'text/plain', digest: digestOf(content), size: content.length, ...more };
}

test('what is put is given back, whatever bytes and pieces', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 6 }), async (pieces) => {
      const bytes = Buffer.concat(pieces);
      const memory = createMemoryContent();
      await memory.put(descriptorOf(bytes), streamOf(...pieces.filter((piece) => piece.length > 0)), call);
      assert.equal(await buffer(await memory.open(descriptorOf(bytes), call)), bytes);
      assert.ok(await memory.has(descriptorOf(bytes)));
    }),
    { numRuns: 40 },
  );
});

test('content that is added has its digest and size, and is gone when it is removed', async () => {
  const memory = createMemoryContent();
  const added = memory.add('text/plain', 'ü');
  assert.equal(added, { mediaType: 'text/plain', digest: digestOf(Buffer.from('ü')), size: 2 });
  memory.remove(added.digest);
  assert.not(await memory.has(added));
  await rejects(memory.open(added, call), 'not-found', new RegExp(added.digest));
});

test('what was added is not changed with the bytes that were given', async () => {
  const memory = createMemoryContent();
  const bytes = Buffer.from('abc');
  const added = memory.add('text/plain', bytes);
  const writer = memory.create();
  writer.write(bytes);
  bytes.fill('x');
  const { digest } = await writer.commit();
  assert.is(digest, added.digest);
  for (const blob of memory.blobs.values()) assert.is(blob.toString(), 'abc');
});

test('a writer makes the blob of all that was written, and one that is given up makes none', async () => {
  const memory = createMemoryContent();
  {
    await using writer = memory.create();
    writer.write(Buffer.from('a'));
  }
  const given = memory.create();
  given.write(Buffer.from('b'));
  await given.abort();
  assert.is(memory.blobs.size, 0);
  const writer = memory.create();
  for (const piece of ['ab', '', 'c']) writer.write(Buffer.from(piece));
  assert.equal(await writer.commit(), { digest: digestOf(Buffer.from('abc')), size: 3 });
  assert.equal(await memory.create().commit(), { digest: digestOf(Buffer.alloc(0)), size: 0 });
});

test('nothing is kept of bytes that are not those of the descriptor', async () => {
  const memory = createMemoryContent();
  const right = descriptorOf('right');
  for (const bytes of ['wrong', 'righ', 'rightly', ''])
    await rejects(memory.put(right, streamOf(bytes), call), 'integrity', /verify content/);
  const broken = new PassThrough();
  broken.destroy(new Error('connection is gone'));
  const error = await memory.put(right, broken, call).catch((reason: unknown) => reason);
  assert.is((error as Error).message, 'connection is gone');
  assert.is(memory.blobs.size, 0);
});

test('what differs is said: the size, or the digest that was found', async () => {
  const read = (bytes: string, descriptor: Descriptor) => buffer(verifyStream(streamOf(bytes), descriptor));
  const short = await rejects(read('abc', descriptorOf('abcd')), 'integrity', /expected 4 bytes, found only 3$/);
  assert.equal(short.evidence, { expected: 4 });
  await rejects(read('abcde', descriptorOf('abcd')), 'integrity', /expected 4 bytes, found more$/);
  const found = `sha256:${createHash('sha256').update('abcX').digest('hex')}`;
  const other = await rejects(read('abcX', descriptorOf('abcd')), 'integrity', new RegExp(found));
  assert.equal(other.evidence, { expected: descriptorOf('abcd').digest, found });
});

test('a caller may give the error of its own', async () => {
  const own = () => new MkimageError('store', 'my own words');
  for (const bytes of ['abc', 'abcde', 'abcX'])
    await rejects(buffer(verifyStream(streamOf(bytes), descriptorOf('abcd'), own)), 'store', /my own words/);
});

test('any change of the bytes is found', async () => {
  const bytes = Buffer.from('the quick brown fox');
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const changed = Buffer.from(bytes);
      changed[at]! ^= mask;
      await rejects(buffer(verifyStream(streamOf(changed), descriptorOf(bytes))), 'integrity');
    }),
    { numRuns: 60 },
  );
});

test('a reader that gives up closes the source', async () => {
  const source = new PassThrough();
  const checked = verifyStream(source, descriptorOf('abc'));
  checked.destroy();
  await new Promise((settle) => source.once('close', settle));
  assert.ok(source.destroyed);
});

test('a copy of what is not there is `not-found`, and the sink keeps nothing', async () => {
  const to = createMemoryContent();
  await rejects(copyContent(descriptorOf('x'), { from: createMemoryContent(), to }, call), 'not-found');
  assert.is(to.blobs.size, 0);
});

test('a copy closes its source when the sink fails', async () => {
  const source = streamOf('abc');
  const from = { open: async () => source };
  const to = {
    has: async () => false,
    put: async () => {
      throw new MkimageError('store', 'the disk is full');
    },
  };
  await rejects(copyContent(descriptorOf('abc'), { from, to }, call), 'store', /full/);
  assert.ok(source.destroyed);
});

test.run();
