import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatPruneResult } from '../../src/cli/commands/prune.ts';
import { type PruneFilters, readPruneFilters } from '../../src/cli/text/prune-filters.ts';
import { CACHE_TYPES } from '../../src/engine/state/prune-scope.ts';
import { isMkimageError } from '../../src/errors.ts';

const test = suite('filters of prune');
const NOW = Date.parse('2026-01-31T12:00:00Z');

const read = (...texts: readonly string[]): PruneFilters => readPruneFilters(texts, { types: CACHE_TYPES, now: NOW });

function refused(...texts: readonly string[]): string {
  try {
    read(...texts);
  } catch (error) {
    if (isMkimageError(error, 'usage')) return `${error.message} (${error.hint ?? ''})`;
    throw error;
  }
  return 'accepted';
}

test('none asks for nothing', () => {
  assert.equal(read(), { unusedFor: undefined, types: undefined, ids: undefined });
});

for (const [text, seconds] of [
  ['24h', 86_400],
  ['1h30m', 5400],
  ['1769860799', 1],
  ['1769860799.5', 0.5],
  ['2026-01-31T11:59:00Z', 60],
  ['2026-01-31T13:59:00+02:00', 60],
  ['2026-01-31T11:59:59.5Z', 0.5],
  ['2026-01-31T11Z', 3600],
  ['2026-01-30Z', 36 * 3600],
] as const) {
  test(`until=${text} is ${seconds} seconds before`, () => assert.is(read(`until=${text}`).unusedFor, seconds));
}

test('a time without a zone is local', () => {
  assert.is(read('until=2026-01-30').unusedFor, (NOW - new Date(2026, 0, 30).getTime()) / 1000);
});

test('`unused-for` is an old name of `until`, and both have to agree', () => {
  assert.is(read('unused-for=1h').unusedFor, 3600);
  assert.is(read('unused-for=1h', 'until=1h').unusedFor, 3600);
  assert.match(refused('unused-for=1h', 'until=2h'), /`until=2h`: `until` is set twice/);
});

test('types and IDs may be several, with one equals sign or two', () => {
  assert.equal(read('type=regular', 'type==source.local').types, ['regular', 'source.local']);
  assert.equal(read('id=abcd', 'id=sha256:0123').ids, ['abcd', 'sha256:0123']);
});

test('what is unknown or says nothing is refused, with what there is', () => {
  assert.match(refused('label=x'), /unknown filter `label=x` \(supported filters are until, type and id/);
  assert.match(refused('inuse'), /unknown filter `inuse`/);
  assert.match(refused('until='), /expected a duration/);
  assert.match(refused('until=2026-13-45'), /expected a duration/);
  assert.match(refused('type=image'), /expected one of regular, source.local/);
  assert.match(refused('id=a'), /at least four hexadecimal digits/);
});

test('removed objects are listed under headings, as Docker does', () => {
  const digest = `sha256:${'1'.repeat(64)}` as const;
  const nothing = { images: [], objects: [], cacheRecords: 0, blobs: 0, cacheMounts: [], bytes: 0 };
  assert.is(formatPruneResult(nothing), 'Total reclaimed space: 0B\n');
  assert.is(
    formatPruneResult({ ...nothing, images: [digest], objects: ['abcd', 'ef01'], bytes: 1500 }),
    `Deleted Images:\ndeleted: ${digest}\n\nDeleted build cache objects:\nabcd\nef01\n\nTotal reclaimed space: 1.5kB\n`,
  );
});

test.run();
