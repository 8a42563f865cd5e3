import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeFrame, FrameDecoder } from '../../../src/process/log/stream-frames.ts';

const test = suite('frames of streams');

test('a frame has a byte for the stream, three zero bytes, the length and the bytes', () => {
  assert.equal([...encodeFrame('stdout', Buffer.from('hi'))], [1, 0, 0, 0, 0, 0, 0, 2, 104, 105]);
  assert.equal([...encodeFrame('stderr', Buffer.alloc(0))], [2, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(encodeFrame('stdin', Buffer.alloc(70_000)).subarray(0, 8), Buffer.from([0, 0, 0, 0, 0, 1, 0x11, 0x70]));
});

test('frames are decoded from pieces of any size', () => {
  const whole = Buffer.concat([
    encodeFrame('stdout', Buffer.from('first')),
    encodeFrame('stderr', Buffer.alloc(0)),
    encodeFrame('stdin', Buffer.from('last')),
  ]);
  for (let size = 1; size <= whole.length; size++) {
    const decoder = new FrameDecoder();
    const frames = [];
    for (let at = 0; at < whole.length; at += size) frames.push(...decoder.push(whole.subarray(at, at + size)));
    assert.equal(
      frames.map(({ stream, bytes }) => `${stream}:${bytes}`),
      ['stdout:first', 'stderr:', 'stdin:last'],
      `pieces of ${size}`,
    );
  }
});

test('an incomplete frame is kept until the rest comes', () => {
  const decoder = new FrameDecoder();
  const frame = encodeFrame('stdout', Buffer.from('text'));
  assert.equal(decoder.push(frame.subarray(0, 10)), []);
  assert.is(String(decoder.push(frame.subarray(10))[0]?.bytes), 'text');
});

test.run();
