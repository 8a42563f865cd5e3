import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { weaknessesOf } from '../../src/sandbox/weakness.ts';

const test = suite('sandbox: weakness');

test('an OCI runtime under the same root as everything else has nothing to be said of', () => {
  assert.equal(weaknessesOf('crun', 'auto', '/.'), []);
});

test('namespaces that nobody asked for are owned up to', () => {
  assert.match(weaknessesOf('namespaces', 'auto', '/.').join(), 'without a seccomp filter');
  assert.equal(weaknessesOf('namespaces', 'namespaces', '/.'), []);
});

test('a chroot is no wall, whatever the sandbox', () => {
  assert.match(weaknessesOf('runc', 'runc', '/proc').join(), 'chroot');
});

test('a first process that may not be looked at tells nothing', () => {
  assert.equal(weaknessesOf('runc', 'auto', '/proc/no-such-process/root'), []);
});

test.run();
