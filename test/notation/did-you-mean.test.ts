import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findNearestWord } from '../../src/notation/did-you-mean.ts';

const test = suite('suggest');
const VERBS = ['build', 'images', 'inspect', 'tag', 'prune'];

test('finds the word that one slip turned into another', () => {
  assert.is(findNearestWord('biuld', VERBS), 'build');
  assert.is(findNearestWord('image', VERBS), 'images');
  assert.is(findNearestWord('INSPECT', VERBS), 'inspect');
  assert.is(findNearestWord('tga', VERBS), 'tag');
});

test('prefers the findNearestWord of several', () => {
  assert.is(findNearestWord('--tagg', ['--target', '--tag']), '--tag');
});

test('suggests nothing for a word that is like none', () => {
  assert.is(findNearestWord('deploy', VERBS), undefined);
  assert.is(findNearestWord('', VERBS), undefined);
});

test.run();
