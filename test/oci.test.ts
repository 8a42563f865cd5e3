import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canonicalJson, chainIdOfAll, digestOf, EMPTY_CHAIN, isDigest } from '../src/oci/index.ts';

const test = suite('oci');

test('canonical JSON does not depend on the order of members', () => {
  assert.is(canonicalJson({ b: 1, a: [{ d: 1, c: undefined }] }), canonicalJson({ a: [{ c: undefined, d: 1 }], b: 1 }));
});

test('a chain of one layer is named by that layer, the empty chain by nothing', () => {
  const diffId = digestOf('x');
  assert.is(chainIdOfAll([diffId]), diffId);
  assert.is(chainIdOfAll([]), EMPTY_CHAIN);
});

test('a digest with a path in it is no digest', () => {
  assert.not(isDigest('sha256:../../etc/passwd'));
});

test.run();
