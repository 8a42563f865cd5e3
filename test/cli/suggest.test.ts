import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nearest } from '../../src/cli/suggest.ts';

const test = suite('suggest');
const VERBS = ['build', 'images', 'inspect', 'tag', 'prune'];

test('finds the word that one slip turned into another', () => {
  assert.is(nearest('biuld', VERBS), 'build');
  assert.is(nearest('image', VERBS), 'images');
  assert.is(nearest('INSPECT', VERBS), 'inspect');
  assert.is(nearest('tga', VERBS), 'tag');
});

test('prefers the nearest of several', () => {
  assert.is(nearest('--tagg', ['--target', '--tag']), '--tag');
});

test('suggests nothing for a word that is like none', () => {
  assert.is(nearest('deploy', VERBS), undefined);
  assert.is(nearest('', VERBS), undefined);
});

test.run();
