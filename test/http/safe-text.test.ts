import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cleanText } from '../../src/http/safe-text.ts';

const test = suite('texts of servers in messages');

test('a password is removed up to the last @ of the host part', () => {
  assert.is(cleanText('see https://user:p@ss@host.example/a'), 'see https://host.example/a');
  assert.is(cleanText('see https://user:pw@host.example'), 'see https://host.example');
});

test('an @ in a path is kept, and a query is removed', () => {
  assert.is(cleanText('https://host.example/a@b'), 'https://host.example/a@b');
  assert.is(cleanText('https://host.example?mail=a@b'), 'https://host.example?…');
});

test.run();
