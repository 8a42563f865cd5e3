import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { limitPace } from '../../src/http/pace.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('the pace of an answer');

async function* dripping(state: { done: boolean }): AsyncGenerator<Buffer> {
  try {
    for (;;) {
      await pause(10);
      yield Buffer.from('x');
    }
  } finally {
    state.done = true;
  }
}

const readable = (bytes: AsyncIterable<Buffer>) => Readable.from(bytes, { objectMode: false });

test('one byte now and then, for ever, is given up, and its connection let go', async () => {
  const state = { done: false };
  const body = limitPace(readable(dripping(state)), {
    what: 'fetch it',
    pace: { rate: 1000, window: 0.2, time: 60 },
  });
  const error = await rejects(buffer(body), 'limit', /^fetch it: only \d+ bytes a second came \(limit 1000\)$/);
  assert.match(error.hint ?? '', /MKIMAGE_LIMIT_FETCH_RATE to less/);
  await pause(50);
  assert.ok(state.done);
});

test('an answer that takes too long altogether is given up', async () => {
  const body = limitPace(readable(dripping({ done: false })), {
    what: 'fetch it',
    pace: { rate: 0, window: 60, time: 0.2 },
  });
  await rejects(buffer(body), 'limit', /it took more than 0.2 seconds/);
});

test('a reader that takes its time is no fault of the server', async () => {
  const body = limitPace(Readable.from([Buffer.alloc(10), Buffer.alloc(10)], { objectMode: false }), {
    what: 'fetch it',
    pace: { rate: 1000, window: 0.02, time: 0.05 },
  });
  let size = 0;
  for await (const chunk of body) {
    await pause(100);
    size += (chunk as Buffer).length;
  }
  assert.is(size, 20);
});

test.run();
