import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile, printBuildFile } from '../../src/instructions/index.ts';
import { meaningOf } from './meaning.ts';

const test = suite('parser under fire');
const RUNS = Number(process.env.MKIMAGE_FUZZ ?? 300);

const word = fc.constantFrom('a', 'b/c', '"x y"', "'q'", '$V', '${V:-d}', '${V#*/}', 'k=v', 'x\\ y', '/abs/', '*.txt');
const line = fc.oneof(
  fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => `RUN ${words.join(' ')}`),
  fc.array(word, { minLength: 2, maxLength: 3 }).map((words) => `COPY ${words.join(' ')}`),
  word.map((value) => `ENV K=${value}`),
  word.map((value) => `WORKDIR ${value}`),
  fc.array(word, { maxLength: 3 }).map((words) => `CMD ${JSON.stringify(words)}`),
  fc.constant('RUN <<EOF\necho $V\nEOF'),
  fc.constant('RUN a \\\n# note\n  b'),
  fc.constant('ONBUILD COPY a b'),
  fc.constant('LABEL a=b "c d"=\'e\''),
);
const file = fc.array(line, { maxLength: 8 }).map((lines) => ['FROM scratch', ...lines, ''].join('\n'));

test('what is printed means what was read', () => {
  fc.assert(
    fc.property(file, (text) => {
      const first = parseBuildFile(text);
      if (first.diagnostics.some(({ severity }) => severity === 'error')) return;
      const again = parseBuildFile(printBuildFile(first));
      assert.equal(meaningOf(again), meaningOf(first));
    }),
    { numRuns: RUNS },
  );
});

test('no text crashes the parser, and each that is refused has a place and a message', () => {
  const mutation = fc.tuple(fc.nat(), fc.nat(12), fc.string({ maxLength: 6, unit: 'binary' }));
  fc.assert(
    fc.property(file, fc.array(mutation, { minLength: 1, maxLength: 6 }), (text, mutations) => {
      const mutated = mutations.reduce((now, [at, cut, put]) => {
        const place = at % (now.length + 1);
        return now.slice(0, place) + put + now.slice(place + cut);
      }, text);
      for (const { message, range } of parseBuildFile(mutated).diagnostics) {
        assert.ok(message.length > 0);
        assert.ok(range.start.line >= 1 && range.end.offset >= range.start.offset);
      }
    }),
    { numRuns: RUNS },
  );
});

test.run();
