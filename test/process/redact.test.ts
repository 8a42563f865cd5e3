import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Redactor } from '../../src/process/redact.ts';

const test = suite('redaction');

function inChunks(redactor: Redactor, text: string, size: number): string {
  const bytes = Buffer.from(text);
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(redactor.push(bytes.subarray(at, at + size)));
  return Buffer.concat([...out, redactor.end()]).toString();
}

test('a secret never passes, however the text is cut into chunks', () => {
  const secret = 'hunter2-and-more';
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(secret), fc.string(), fc.constant('hunter')), { maxLength: 8 }),
      fc.nat(12),
      (parts, size) => {
        const text = parts.join('');
        const redactor = new Redactor([secret]);
        const out = inChunks(redactor, text, size + 1);
        assert.not.ok(out.includes(secret));
        assert.is(out, text.replaceAll(secret, '***'));
      },
    ),
  );
});

test('each line of a secret is one, unless it is short', () => {
  const redactor = new Redactor(['-----BEGIN KEY-----\nabcdefghij\nend\n']);
  assert.is(inChunks(redactor, '-----BEGIN KEY----- abcdefghij end', 100), '*** *** end');
});

test('the whole of a secret is masked where a line of it is one too, and where secrets overlap', () => {
  for (let size = 1; size < 30; size += 1) {
    const lines = new Redactor(['first line\nlast']);
    assert.is(inChunks(lines, '<first line\nlast>', size), '<***>');
    const overlapping = new Redactor(['abcdef', 'efXYZ']);
    assert.is(inChunks(overlapping, '<abcdefXYZ> <abcdefX> efXY efXYZ', size), '<***> <***X> efXY ***');
    assert.is(inChunks(new Redactor(['aaaa']), '<aaaaaaa> aaa', size), '<***> aaa');
    assert.is(inChunks(new Redactor(['pässwörd']), 'a pässwörd', size), 'a ***');
  }
});

test('bytes that are no text pass as they are', () => {
  const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x0a]);
  const redactor = new Redactor(['secret']);
  assert.equal(Buffer.concat([redactor.push(bytes), redactor.end()]), bytes);
});

test('without secrets bytes pass at once', () => {
  assert.is(new Redactor([]).push(Buffer.from('partial line')).toString(), 'partial line');
});

test.run();
