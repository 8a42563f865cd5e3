import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ByteFeed } from '../../src/compression/byte-feed.ts';

const test = suite('compression: byte feed');

/** A source of pieces that counts how many were asked for, and whether it was closed. */
function sourceOf(...pieces: readonly (string | Uint8Array)[]) {
  const state = { given: 0, isClosed: false };
  async function* give(): AsyncIterable<Uint8Array> {
    try {
      for (const piece of pieces) {
        state.given++;
        yield Buffer.from(piece as string);
      }
    } finally {
      state.isClosed = true;
    }
  }
  return { state, feed: new ByteFeed(give()) };
}

test('reads no more pieces than are needed', async () => {
  const { feed, state } = sourceOf('abc', 'def', 'ghi');
  assert.ok(await feed.fill(4));
  assert.is(state.given, 2);
  assert.is(feed.take(4).toString(), 'abcd');
  assert.is(feed.length, 2);
  assert.ok(await feed.fill(2));
  assert.is(state.given, 2);
});

test('says that the stream ended, and keeps what there was', async () => {
  const { feed } = sourceOf('abc', '', 'd');
  assert.not(await feed.fill(5));
  assert.not(await feed.fill(5));
  assert.ok(await feed.fill(4));
  assert.is(feed.take(10).toString(), 'abcd');
  assert.is(feed.take(1).length, 0);
  assert.ok(await feed.fill(0));
});

test('takes single bytes, and says when none is buffered', async () => {
  const { feed } = sourceOf(Buffer.from([0, 255]));
  assert.is(feed.takeByte(), undefined);
  await feed.fill(2);
  assert.equal([feed.takeByte(), feed.takeByte(), feed.takeByte()], [0, 255, undefined]);
});

test('skips over pieces, without buffering them, to the end and not beyond', async () => {
  const { feed } = sourceOf('abc', 'def', 'ghi');
  assert.ok(await feed.skip(7));
  assert.is(feed.length, 2);
  assert.ok(await feed.skip(0));
  assert.ok(await feed.skip(2));
  assert.not(await feed.skip(1));
});

test('what was taken stays what it was when more is read', async () => {
  const { feed } = sourceOf('abc', 'def');
  await feed.fill(2);
  const taken = feed.take(2);
  await feed.fill(4);
  feed.take(4);
  assert.is(taken.toString(), 'ab');
});

test('closes the source, and hands on its failure', async () => {
  const { feed, state } = sourceOf('abc', 'def');
  await feed.fill(1);
  await feed.close();
  assert.ok(state.isClosed);
  const broken = new ByteFeed(
    // biome-ignore lint/correctness/useYield: a source that fails at once
    (async function* (): AsyncIterable<Uint8Array> {
      throw new Error('disk is gone');
    })(),
  );
  const error = await broken.fill(1).catch((reason: unknown) => reason);
  assert.is((error as Error).message, 'disk is gone');
});

test('however it is cut and asked for, the bytes are the same', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 8 });
  const wishes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(pieces, wishes, async (given, lengths) => {
      const { feed } = sourceOf(...given);
      const taken: Buffer[] = [];
      for (let turn = 0; ; turn++) {
        const wanted = lengths[turn % lengths.length]!;
        const isThere = await feed.fill(wanted);
        taken.push(feed.take(wanted));
        assert.is(taken.at(-1)!.length === wanted, isThere);
        if (!isThere) break;
      }
      assert.equal(Buffer.concat(taken), Buffer.concat(given));
    }),
  );
});

test.run();
