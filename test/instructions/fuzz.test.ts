import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile, printBuildFile } from '../../src/instructions/index.ts';
import { buildFileText } from '../support/random-build-file.ts';
import { meaningOf } from './meaning.ts';

/** `MKIMAGE_FUZZ` says how many files to try, `MKIMAGE_FUZZ_SEED` which. */
const test = suite('parser under fire');
const RUNS = Number(process.env.MKIMAGE_FUZZ ?? 1000);
const SEED = Number(process.env.MKIMAGE_FUZZ_SEED ?? 20_260_401);

const isError = ({ severity }: { severity: string }): boolean => severity === 'error';

test('what is printed means what was read', () => {
  let valid = 0;
  fc.assert(
    fc.property(buildFileText, (text) => {
      const first = parseBuildFile(text);
      if (first.diagnostics.some(isError)) return;
      valid++;
      const printed = printBuildFile(first);
      const again = parseBuildFile(printed);
      assert.equal(again.diagnostics.filter(isError), []);
      assert.equal(meaningOf(again), meaningOf(first));
      assert.is(printBuildFile(again), printed);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  assert.ok(valid > RUNS / 3, `only ${valid} of ${RUNS} files were valid`);
});

test('a file that is refused has a place and a message for each fault', () => {
  fc.assert(
    fc.property(buildFileText, (text) => {
      for (const { message, range } of parseBuildFile(text).diagnostics) {
        assert.ok(message.length > 0);
        assert.ok(range.start.line >= 1 && range.end.offset >= range.start.offset && range.end.offset <= text.length);
      }
    }),
    { numRuns: RUNS, seed: SEED + 1 },
  );
});

test.run();
