import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatAge, formatSeconds, formatSize, parseDuration } from '../../src/cli/text/units.ts';

const test = suite('units');

test('writes sizes as Docker does', () => {
  const shown = [0, 999, 1000, 1_048_576, 28_200_000, 999_600, 5_400_000_000].map(formatSize);
  assert.equal(shown, ['0B', '999B', '1kB', '1.05MB', '28.2MB', '1MB', '5.4GB']);
});

test('says how long ago something was', () => {
  const now = Date.parse('2024-05-10T00:00:00Z');
  const ages = [
    '2024-05-09T23:59:59Z',
    '2024-05-09T23:00:00Z',
    '2024-05-06T00:00:00Z',
    '2024-04-10T00:00:00Z',
    '2020-05-10T00:00:00Z',
  ];
  assert.equal(
    ages.map((time) => formatAge(time, now)),
    ['1 second ago', '1 hour ago', '4 days ago', '4 weeks ago', '4 years ago'],
  );
  assert.is(formatAge(undefined, now), 'N/A');
  assert.is(formatAge('2030-01-01T00:00:00Z', now), '0 seconds ago');
});

test('reads durations', () => {
  assert.equal(['24h', '1h30m', '7d', '0s'].map(parseDuration), [86_400, 5400, 604_800, 0]);
  assert.equal(['', '24', 'h', '1w', '-1h', '1h 2m'].map(parseDuration), Array(6).fill(undefined));
});

test('writes seconds with one decimal', () => {
  assert.equal([0, 449, 83_040].map(formatSeconds), ['0.0s', '0.4s', '83.0s']);
});

test.run();
