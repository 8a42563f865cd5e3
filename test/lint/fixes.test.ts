import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fix } from '../../src/instructions/index.ts';
import { applyFixes } from '../../src/lint/index.ts';
import { outcomeOf } from '../plan/plan-support.ts';
import { lintText } from './lint-support.ts';

/** Fixes change what they say and nothing else, with any line ends and with a byte order mark. */
const test = suite('fixes');
const here = dirname(fileURLToPath(import.meta.url));
const table = readFileSync(join(here, 'fixes.txt'), 'utf8').replace(/^#.*\n/, '');

for (const [index, entry] of table.split('===\n').entries()) {
  const [, check = '', before = '', after = ''] = /^(\w+)\n([\s\S]*?)---\n([\s\S]*)$/.exec(entry) ?? [];

  test(`mends ${check} (case ${index + 1})`, () => {
    assert.is(fixed(check, before), after);
    const left = lintText(after).findings.filter(({ rule, fixes }) => rule.name === check && fixes.length > 0);
    assert.equal(left, []);
  });

  test(`mends ${check} (case ${index + 1}) with the line ends of Windows and a byte order mark`, () => {
    // A carriage return is part of a heredoc's text, and is taken for one of its words.
    if (before.includes('<<')) return;
    assert.is(fixed(check, windows(before)), windows(after));
  });

  test(`a safe fix of ${check} leaves the image as it was (case ${index + 1})`, () => {
    const safe = fixesFor(check, before).filter(({ isSafe }) => isSafe);
    assert.equal(planned(applyFixes(before, safe).text), planned(before));
  });
}

/** Instructions with and without flaws, put together at random. */
const PIECES = [
  'from a:1 as One',
  'FROM --platform=$TARGETPLATFORM a:1 AS two',
  'FROM a:1 As THREE',
  'run a \\\n\n  # more\n  && b',
  'RUN --mount=type=bind,from=one,target=/x <<EOF\na\n\nb\nEOF',
  'env A b "c d"',
  'ENV B \\\n  c  d\\ e',
  "LABEL k $A 'x y'",
  'EXPOSE 1/TCP 2/udp 3:4/Sctp',
  'COPY --from=One a b c/',
  'ONBUILD copy --from=ONE a /b',
  'cmd run me',
  'MAINTAINER me',
  '# a comment',
  '',
];

test('safe fixes come to an end and leave the image as it was, whatever they are applied to', () => {
  const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 });
  fc.assert(
    fc.property(pieces, fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '\ufeff'), (lines, end, mark) => {
      const text = `${mark}${['FROM a:1 AS one', ...lines, ''].join('\n').replaceAll('\n', end)}`;
      let mended = text;
      for (let round = 0; safeIn(mended).length > 0; round += 1) {
        assert.ok(round < 5, mended);
        mended = applyFixes(mended, safeIn(mended)).text;
      }
      assert.equal(planned(mended), planned(text));
    }),
    { numRuns: 300 },
  );
});

test('of two fixes for the same place the first counts', () => {
  const text = 'FROM a:1\nEXPOSE 80/TCP 81/UDP\n';
  const { text: mended, applied } = applyFixes(text, fixesFor('ExposeProtoCasing', text));
  assert.is(mended, 'FROM a:1\nEXPOSE 80/tcp 81/udp\n');
  assert.is(applied, 1);
});

test('an escape character at the end of the file is left alone', () => {
  assert.equal(fixesFor('NoEmptyContinuation', 'FROM a:1\nRUN x \\\n\n'), []);
});

test.run();

function fixesFor(check: string, text: string): readonly Fix[] {
  return lintText(text).findings.flatMap(({ rule, fixes }) => (rule.name === check ? fixes.slice(0, 1) : []));
}

function safeIn(text: string): readonly Fix[] {
  return lintText(text).findings.flatMap(({ fixes }) => fixes.filter(({ isSafe }) => isSafe));
}

function fixed(check: string, text: string): string {
  return applyFixes(text, fixesFor(check, text)).text;
}

function windows(text: string): string {
  return `\ufeff${text.replaceAll('\n', '\r\n')}`;
}

/** The plan without places and titles of steps. */
function planned(text: string): unknown {
  const outcome = outcomeOf(text);
  if (outcome.kind !== 'plan') return outcome.kind;
  return JSON.parse(
    JSON.stringify(outcome.plan, (key, value) => (key === 'range' || key === 'name' ? undefined : value)),
  );
}
