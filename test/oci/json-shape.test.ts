import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as shape from '../../src/oci/json/shape.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('types in untrusted JSON');

const DIGEST = `sha256:${'a'.repeat(64)}`;

test('values of the expected type are returned as they are', () => {
  assert.is(shape.expectText('', 'x'), '');
  assert.is(shape.expectFlag(false, 'x'), false);
  assert.is(shape.expectCount(0, 'x'), 0);
  assert.is(shape.expectNumber(-1.5, 'x'), -1.5);
  assert.is(shape.expectDigest(DIGEST, 'x'), DIGEST);
  assert.equal(shape.expectRecord({ a: 1 }, 'x'), { a: 1 });
});

test('other values are refused', async () => {
  const refused: readonly (readonly [(value: unknown, where: string) => unknown, readonly unknown[]])[] = [
    [shape.expectText, [null, 1, [], {}]],
    [shape.expectFlag, [null, 0, 'true']],
    [shape.expectCount, [-1, 1.5, 2 ** 53, '1', Number.NaN, Number.POSITIVE_INFINITY]],
    [shape.expectNumber, [null, '1']],
    [shape.expectDigest, ['', 'sha256:', `sha256:${'A'.repeat(64)}`, `sha512:${'a'.repeat(64)}`, `${DIGEST}/..`]],
    [shape.expectRecord, [null, [], 'x', 1]],
  ];
  for (const [expect, values] of refused)
    for (const value of values) await refuses('invalid-archive', () => expect(value, 'config.x'), /^read config\.x: /);
});

test('lists and maps name the place of the wrong member', async () => {
  const sizes = shape.expectListOf(shape.expectMapOf(shape.expectCount));
  assert.equal(sizes([{ a: 1 }, {}], 'layers'), [{ a: 1 }, {}]);
  await refuses('invalid-archive', () => sizes([{}, { a: 1, b: -1 }], 'layers'), /^read layers\[1\]\.b: /);
  await refuses('invalid-archive', () => sizes({}, 'layers'), /not an array/);
});

test('a name in another case is refused, because Go would read it as the known one', async () => {
  assert.equal(shape.expectRecord({ layers: 1, other: 2 }, 'manifest', ['layers']), { layers: 1, other: 2 });
  const read = () => shape.expectRecord({ Layers: 1 }, 'manifest', ['layers']);
  await refuses('invalid-archive', read, /member `Layers` looks like `layers`/);
});

test('absent and null members are undefined, others are checked with their place', async () => {
  const read = shape.createMemberReader({ a: 'text', b: null, c: 1 }, 'config');
  assert.is(read('a', shape.expectText), 'text');
  for (const name of ['b', 'missing']) assert.is(read(name, shape.expectText), undefined);
  await refuses('invalid-archive', () => read('c', shape.expectText), /^read config\.c: not a string/);
});

test('members of the prototype are not members of the record', () => {
  const read = shape.createMemberReader(JSON.parse('{"__proto__": {"a": "text"}}'), 'config');
  assert.is(read('a', shape.expectText), undefined);
  assert.equal(Object.keys(shape.removeUndefined({ a: undefined, b: null, c: 0 })), ['b', 'c']);
});

test.run();
