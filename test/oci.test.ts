import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { computeChainId, digestOf, EMPTY_CHAIN, formatCanonicalJson, isDigest } from '../src/oci/index.ts';

const test = suite('oci');

test('canonical JSON does not depend on the order of members', () => {
  assert.is(
    formatCanonicalJson({ b: 1, a: [{ d: 1, c: undefined }] }),
    formatCanonicalJson({ a: [{ c: undefined, d: 1 }], b: 1 }),
  );
});

test('a chain of one layer is named by that layer, the empty chain by nothing', () => {
  const diffId = digestOf('x');
  assert.is(computeChainId([diffId]), diffId);
  assert.is(computeChainId([]), EMPTY_CHAIN);
});

test('a digest with a path in it is no digest', () => {
  assert.not(isDigest('sha256:../../etc/passwd'));
});

test.run();
