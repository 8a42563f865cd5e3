import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isIncompressible } from '../../src/compression/entropy.ts';
import { SNIFF_LENGTH, sniffCompression } from '../../src/compression/index.ts';

const test = suite('compression: what bytes look like');
const MAGIC = {
  gzip: [0x1f, 0x8b, 0x08],
  bzip2: [0x42, 0x5a, 0x68],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
} as const;

test('each compression is recognised by its first bytes, whatever follows, and not by fewer of them', () => {
  for (const [name, magic] of Object.entries(MAGIC)) {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (rest) => {
        assert.is(sniffCompression(Uint8Array.from([...magic, ...rest])), name);
      }),
      { numRuns: 20 },
    );
    assert.ok(magic.length <= SNIFF_LENGTH);
    for (let length = 0; length < magic.length; length++)
      assert.is(sniffCompression(Uint8Array.from(magic.slice(0, length))), 'uncompressed');
  }
});

test('one byte that is another makes it something else', () => {
  for (const magic of Object.values(MAGIC))
    magic.forEach((byte, at) => {
      const changed = Uint8Array.from(magic);
      changed[at] = byte ^ 1;
      assert.is(sniffCompression(changed), 'uncompressed');
    });
});

test('a zstd stream may begin with any of the sixteen frames without data, if their length is there', () => {
  for (let low = 0; low < 16; low++) {
    const frame = Uint8Array.from([0x50 + low, 0x2a, 0x4d, 0x18, 1, 0, 0, 0]);
    assert.is(sniffCompression(frame), 'zstd');
    assert.is(sniffCompression(frame.subarray(0, 7)), 'uncompressed');
  }
  assert.is(sniffCompression(Uint8Array.from([0x60, 0x2a, 0x4d, 0x18, 1, 0, 0, 0])), 'uncompressed');
});

/** Bytes of a generator with a fixed seed: as good as random for a count. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 12_345;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

test('noise looks compressed, text and zeros do not', () => {
  assert.ok(isIncompressible(noise(1 << 20)));
  assert.ok(isIncompressible(noise(65_536)));
  assert.not(isIncompressible(Buffer.alloc(1 << 20)));
  assert.not(isIncompressible(Buffer.alloc(1 << 20, 'the quick brown fox jumps over the lazy dog')));
});

test('compressed data looks compressed, and less than the samples is never judged', () => {
  const text = Array.from({ length: 120_000 }, (_, line) => Math.imul(line, 2_654_435_761) >>> 0).join('\n');
  const packed = gzipSync(text);
  assert.ok(packed.length > 65_536);
  assert.ok(isIncompressible(packed));
  assert.not(isIncompressible(noise(65_535)));
});

test('noise that is mostly text is compressed', () => {
  const mixed = Buffer.alloc(1 << 20, 'text ');
  noise(1 << 18).copy(mixed, 0);
  assert.not(isIncompressible(mixed));
});

test.run();
