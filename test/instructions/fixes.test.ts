import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile } from '../../src/instructions/index.ts';

const test = suite('fixes of syntax errors');

/** A line with a fault; the line that its fix makes of it. */
const FIXES: readonly (readonly [line: string, fixed: string])[] = [
  ['COPPY a b', 'COPY a b'],
  ['co\\\npyy a b', 'COPY a b'],
  ['COPY --form=x a b', 'COPY --from=x a b'],
  ['COPY --lnik a b', 'COPY --link a b'],
  ['RUN --network=non x', 'RUN --network=none x'],
  ['RUN --mount=type=cahce,target=/a x', 'RUN --mount=type=cache,target=/a x'],
  ['RUN --mount=type=cache,sharing=lokced,target=/a x', 'RUN --mount=type=cache,sharing=locked,target=/a x'],
  ['HEALTHCHECK CMDD x', 'HEALTHCHECK CMD x'],
  ['ONBUILD RUNN x', 'ONBUILD RUN x'],
];

for (const [line, fixed] of FIXES) {
  test(`makes ${fixed} of ${JSON.stringify(line)}`, () => {
    const text = `FROM a\n${line}\n`;
    const [fix] = parseBuildFile(text).diagnostics.flatMap(({ fixes = [] }) => fixes);
    const after = (fix?.edits ?? []).reduceRight(
      (now, { range, text: put }) => now.slice(0, range.start.offset) + put + now.slice(range.end.offset),
      text,
    );
    assert.is(after, `FROM a\n${fixed}\n`);
    assert.equal(parseBuildFile(after).diagnostics, []);
  });
}

test('has none where nothing is near', () => {
  assert.equal(parseBuildFile('FROM a\nWHATEVER\n').diagnostics[0]?.fixes, undefined);
});

test.run();
