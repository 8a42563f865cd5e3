import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Redactor } from '../../src/executor/redact.ts';

const test = suite('redaction');

test('a secret never passes, however the text is cut into chunks', () => {
  const secret = 'hunter2-and-more';
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(secret), fc.string(), fc.constant('hunter')), { maxLength: 8 }),
      fc.nat(12),
      (parts, size) => {
        const text = parts.join('');
        const redactor = new Redactor([secret]);
        let out = '';
        for (let at = 0; at < text.length; at += size + 1) out += redactor.push(text.slice(at, at + size + 1));
        out += redactor.end();
        assert.not.ok(out.includes(secret));
        assert.is(out, text.replaceAll(secret, '***'));
      },
    ),
  );
});

test('each line of a secret is one, unless it is short', () => {
  const redactor = new Redactor(['-----BEGIN KEY-----\nabcdefghij\nend\n']);
  assert.is(redactor.push('-----BEGIN KEY----- abcdefghij end') + redactor.end(), '*** *** end');
});

test('without secrets text passes at once', () => {
  assert.is(new Redactor([]).push('partial line'), 'partial line');
});

test.run();
