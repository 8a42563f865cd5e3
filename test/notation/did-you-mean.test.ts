import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nearestWord } from '../../src/notation/did-you-mean.ts';

const test = suite('suggest');
const VERBS = ['build', 'images', 'inspect', 'tag', 'prune'];

test('finds the word that one slip turned into another', () => {
  assert.is(nearestWord('biuld', VERBS), 'build');
  assert.is(nearestWord('image', VERBS), 'images');
  assert.is(nearestWord('INSPECT', VERBS), 'inspect');
  assert.is(nearestWord('tga', VERBS), 'tag');
});

test('prefers the nearestWord of several', () => {
  assert.is(nearestWord('--tagg', ['--target', '--tag']), '--tag');
});

test('suggests nothing for a word that is like none', () => {
  assert.is(nearestWord('deploy', VERBS), undefined);
  assert.is(nearestWord('', VERBS), undefined);
});

test.run();
