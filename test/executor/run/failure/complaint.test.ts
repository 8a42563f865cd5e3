import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { missingLibrary, missingPrograms } from '../../../../src/executor/run/failure/complaint.ts';

const test = suite('messages about missing programs');

const MESSAGES: readonly (readonly [string, string])[] = [
  ['/bin/sh: 1: gcc: not found', 'gcc'],
  ['sh: gcc: not found', 'gcc'],
  ['/bin/sh: line 1: gcc: command not found', 'gcc'],
  ['bash: ./build.sh: /bin/zsh: bad interpreter: No such file or directory', './build.sh'],
  ['/bin/sh: ./run: Permission denied', './run'],
  ['/bin/sh: ./run: cannot execute binary file: Exec format error', './run'],
  ['/dev/pipes/EOF: line 3: jq: command not found', 'jq'],
  ["env: 'python3': No such file or directory", 'python3'],
  ['/usr/bin/env: ‘python3’: No such file or directory', 'python3'],
  ["env: can't execute 'python3': No such file or directory", 'python3'],
];

test('shells and env name the program that is missing', () => {
  for (const [line, name] of MESSAGES) assert.equal(missingPrograms(['other output', line], 'make'), [name], line);
});

test('a carriage return stays at the end of the name', () => {
  assert.equal(missingPrograms(['x', "env: 'python3\\r': No such file or directory"], 'make'), ['python3\r']);
  assert.equal(missingPrograms(['x', "env: 'python3'$'\\r': No such file or directory"], 'make'), ['python3\r']);
});

test('the latest message comes first', () => {
  assert.equal(missingPrograms(['sh: one: not found', 'sh: two: not found'], 'make'), ['two', 'one']);
});

test('without any other output, the own program of the step may be the one', () => {
  assert.equal(missingPrograms([], 'make'), ['make']);
  assert.equal(missingPrograms(['make: *** no rule'], 'make'), []);
  assert.equal(missingPrograms(['a', 'b'], 'make'), []);
});

test('ordinary output names no program', () => {
  for (const line of ['error: file not found', 'fetching: 404 not found', 'make: gcc: nothing', ''])
    assert.equal(missingPrograms(['x', line], 'make'), [], line);
});

test('the loaders of both C libraries name the missing library', () => {
  const glibc = './app: error while loading shared libraries: libz.so.1: cannot open shared object file: No such file';
  const musl = 'Error loading shared library libz.so.1: No such file or directory (needed by ./app)';
  for (const line of [glibc, musl]) assert.is(missingLibrary(['before', line, 'after']), 'libz.so.1');
  assert.is(missingLibrary(['nothing of that kind']), undefined);
});

test.run();
