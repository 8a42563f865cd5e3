import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type KeyScope, keyOf } from '../../src/cache/index.ts';
import { digestOf, EMPTY_CHAIN } from '../../src/oci/index.ts';

const test = suite('cache keys');

const scope: KeyScope = { parent: EMPTY_CHAIN, step: 'run', platform: { os: 'linux', architecture: 'amd64' } };
const part = fc.record({ name: fc.string({ unit: 'binary' }), value: fc.string({ unit: 'binary' }) });
const parts = fc.array(part, { maxLength: 5 });

test('equal inputs have equal keys, however their members are ordered', () => {
  const turned: KeyScope = { platform: { architecture: 'amd64', os: 'linux' }, step: 'run', parent: EMPTY_CHAIN };
  assert.is(keyOf(scope, [{ name: 'user', value: 'root' }]), keyOf(turned, [{ value: 'root', name: 'user' }]));
});

test('different lists of parts have different keys', () => {
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      assert.is(keyOf(scope, a) === keyOf(scope, b), same);
    }),
    { numRuns: 1000 },
  );
});

test('moving text from a value to its neighbour changes the key', () => {
  fc.assert(
    fc.property(parts, fc.nat(), fc.string({ minLength: 1 }), (list, at, text) => {
      if (list.length < 2) return;
      const index = at % (list.length - 1);
      const moved = (from: number) =>
        list.map((each, i) => (i === from ? { ...each, value: each.value + text } : each));
      assert.is.not(keyOf(scope, moved(index)), keyOf(scope, moved(index + 1)));
    }),
  );
});

test('a part split in two, a name that ends in a value, and an empty part are told apart', () => {
  const keys = [
    [{ name: 'a', value: 'bc' }],
    [{ name: 'ab', value: 'c' }],
    [
      { name: 'a', value: 'b' },
      { name: 'c', value: '' },
    ],
    [
      { name: 'a', value: '' },
      { name: 'bc', value: '' },
    ],
    [{ name: '', value: 'abc' }],
    [{ name: 'a","b', value: 'c' }],
    [],
    [{ name: '', value: '' }],
  ].map((list) => keyOf(scope, list));
  assert.is(new Set(keys).size, keys.length);
});

test('the order of parts counts', () => {
  const [a, b] = [
    { name: 'env A', value: '1' },
    { name: 'env B', value: '2' },
  ];
  assert.is.not(keyOf(scope, [a!, b!]), keyOf(scope, [b!, a!]));
});

test('layers below, kind of step and platform count', () => {
  const scopes: KeyScope[] = [
    scope,
    { ...scope, parent: digestOf('layer') },
    { ...scope, step: 'copy' },
    { ...scope, platform: { os: 'linux', architecture: 'arm64' } },
    { ...scope, platform: { os: 'linux', architecture: 'amd64', variant: 'v3' } },
  ];
  assert.is(new Set(scopes.map((each) => keyOf(each, []))).size, scopes.length);
});

test('raw bytes of file names do not run together', () => {
  const keys = ['\udc80', '\udc81', '\ufffd', '\\udc80'].map((value) => keyOf(scope, [{ name: 'x', value }]));
  assert.is(new Set(keys).size, 4);
});

test('the key of a given step does not change from version to version by accident', () => {
  const key = keyOf(scope, [{ name: 'command', value: '["make"]' }]);
  const json =
    '{"format":1,"parent":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",' +
    '"parts":[["command","[\\"make\\"]"]],"platform":{"architecture":"amd64","os":"linux"},"step":"run"}';
  assert.is(key, digestOf(json));
});

test.run();
