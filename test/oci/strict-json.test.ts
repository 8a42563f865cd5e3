import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_LIMITS, setLimits } from '../../src/limits.ts';
import { parseStrictJson } from '../../src/oci/json/strict-json.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('JSON from outside');
const parse = (text: string) => parseStrictJson(Buffer.from(text), 'manifest');
const nested = (depth: number, open: string, close: string) => `${open.repeat(depth)}1${close.repeat(depth)}`;

test('is nested as deep as it may be, and no deeper', async () => {
  assert.ok(parse(nested(100, '[', ']')));
  assert.ok(parse(nested(100, '{"a":', '}')));
  assert.ok(parse(`[${Array<string>(1000).fill('[[]]').join(',')}]`));
  for (const text of [
    nested(101, '[', ']'),
    nested(101, '{"a":', '}'),
    nested(1_000_000, '[', ']'),
    nested(600_000, '{"a":', '}'),
  ]) {
    const error = await refuses('limit', () => parse(text), /nested deeper than 100 levels/);
    assert.match(error.hint ?? '', /MKIMAGE_LIMIT_JSON_DEPTH/);
  }
});

test('may be nested deeper with an option', () => {
  setLimits({ ...DEFAULT_LIMITS, JSON_DEPTH: 200 });
  try {
    assert.ok(parse(nested(200, '[', ']')));
  } finally {
    setLimits(DEFAULT_LIMITS);
  }
});

test('has brackets in its strings that count for nothing', () => {
  assert.ok(parse(JSON.stringify({ a: '['.repeat(500), '{"': `\\"${'{'.repeat(500)}` })));
});

test.run();
