import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SmallFiles } from '../../src/context/local/small-files.ts';

const test = suite('bytes of small files');

test('kept bytes are a copy, each under its number', () => {
  const files = new SmallFiles();
  const bytes = Buffer.from('one');
  files.hold(1, bytes);
  files.hold(2, Buffer.from('second'));
  bytes.fill('x');
  assert.is(Buffer.from(files.bytes(1, 3)!).toString(), 'one');
  assert.is(Buffer.from(files.bytes(2, 6)!).toString(), 'second');
  assert.is(files.bytes(3, 1), undefined);
});

test('a large file is not kept', () => {
  const files = new SmallFiles();
  files.hold(1, Buffer.alloc(16 * 1024));
  files.hold(2, Buffer.alloc(16 * 1024 + 1));
  assert.is(files.bytes(1, 16 * 1024)?.length, 16 * 1024);
  assert.is(files.bytes(2, 16 * 1024 + 1), undefined);
});

test('only so many bytes are kept together, and those stay right', () => {
  const files = new SmallFiles();
  const size = 10_000;
  for (let number = 0; number < 2000; number++) files.hold(number, Buffer.alloc(size, number % 251));
  let kept = 0;
  for (let number = 0; number < 2000; number++) {
    const bytes = files.bytes(number, size);
    if (bytes === undefined) continue;
    kept += bytes.length;
    assert.ok(
      bytes.every((byte) => byte === number % 251),
      String(number),
    );
  }
  assert.ok(kept > 4 << 20 && kept <= 8 << 20, String(kept));
});

test('after clearing nothing is left, and there is room again', () => {
  const files = new SmallFiles();
  files.hold(1, Buffer.from('one'));
  files.clear();
  assert.is(files.bytes(1, 3), undefined);
  files.hold(1, Buffer.from('two'));
  assert.is(Buffer.from(files.bytes(1, 3)!).toString(), 'two');
});

test.run();
