import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Diagnostic, parseBuildFile } from '../../src/instructions/index.ts';
import { createPlan } from '../../src/plan/index.ts';
import { planRequest, settle } from './plan-support.ts';

/**
 * Real build files with accidents: cut, doubled, swapped, sprinkled with what the language gives a meaning to. Those of the
 * project, and those of MKIMAGE_CONFORMANCE where it is. `MKIMAGE_FUZZ` says how many to try, `MKIMAGE_FUZZ_SEED` which.
 */
const test = suite('mutated build files');
const RUNS = Number(process.env.MKIMAGE_FUZZ ?? 1000);
const SEED = Number(process.env.MKIMAGE_FUZZ_SEED ?? 20_260_402);
/** Far more than any takes: it tells a hang from a slow machine. */
const HANG_MS = 1000;

const REAL = [
  ...filesBelow('fixtures'),
  ...(process.env.MKIMAGE_CONFORMANCE ? filesBelow(process.env.MKIMAGE_CONFORMANCE) : []),
];

function filesBelow(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort() : [];
  const files = names.filter((name) => /(^|\/)(Dockerfile|Containerfile)[^/]*$/.test(name) && !name.endsWith('ignore'));
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).filter((text) => text.length < 20_000);
}

const TOKENS = [
  ...[
    '\\\n',
    '\\',
    '`',
    '"',
    "'",
    '$',
    '${',
    '}',
    '${a:-',
    '<<EOF',
    '<<-"E',
    'EOF\n',
    '[',
    ']',
    '["',
    ',',
    '=',
    '#',
    '\n',
    '\r',
  ],
  ...[
    '\t',
    '\0',
    '\u{feff}',
    '\u{2028}',
    '\u{1f4a5}',
    '\ud800',
    'é',
    '--',
    '--mount=',
    '--from=',
    '--chmod=',
    ':',
    '@',
    '..',
    '**',
    '!',
  ],
  ...[
    'FROM ',
    'AS ',
    'ONBUILD ',
    'RUN ',
    'COPY ',
    'ARG ',
    'HEALTHCHECK ',
    '# escape=`\n',
    '# check=error=true\n',
    '0',
    '-1',
    '99999999999',
  ],
];

type Edit = (text: string) => string;
const place = fc.double({ min: 0, max: 1, noNaN: true });
const at = (text: string, where: number): number => Math.floor(where * text.length);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(place, fc.constantFrom(...TOKENS)).map(([where, put]) => insert(where, put)),
  fc.tuple(place, fc.nat(40)).map(([where, length]) => cut(where, length)),
  fc.tuple(place, place, fc.nat(200)).map(([where, to, length]) => move(where, to, length)),
  fc.tuple(place, place).map(([a, b]) => swapLines(a, b)),
);

function insert(where: number, put: string): Edit {
  return (text) => text.slice(0, at(text, where)) + put + text.slice(at(text, where));
}

function cut(where: number, length: number): Edit {
  return (text) => text.slice(0, at(text, where)) + text.slice(at(text, where) + length);
}

function move(where: number, to: number, length: number): Edit {
  return (text) => insert(to, text.slice(at(text, where), at(text, where) + length))(text);
}

function swapLines(a: number, b: number): Edit {
  return (text) => {
    const lines = text.split('\n');
    const [first, second] = [Math.floor(a * lines.length), Math.floor(b * lines.length)].map((n) =>
      Math.min(n, lines.length - 1),
    );
    [lines[first!], lines[second!]] = [lines[second!]!, lines[first!]!];
    return lines.join('\n');
  };
}

const mutated = fc
  .tuple(fc.nat(), fc.array(edit, { minLength: 1, maxLength: 6 }))
  .map(([index, edits]) => edits.reduce((text, change) => change(text), REAL[index % REAL.length]!));

/** What there is to say of a text after all of it was read and planned. */
function judged(text: string): readonly Diagnostic[] {
  const file = parseBuildFile(text);
  if (file.diagnostics.some(({ severity }) => severity === 'error')) return file.diagnostics;
  const { outcome } = settle(createPlan(file, planRequest()));
  return outcome.diagnostics;
}

test('neither crash nor hang the parser or the plan, and each that is refused has a place and a message', () => {
  let refused = 0;
  let slowest = 0;
  fc.assert(
    fc.property(mutated, (text) => {
      const started = process.hrtime.bigint();
      const found = judged(text);
      slowest = Math.max(slowest, Number(process.hrtime.bigint() - started) / 1e6);
      if (found.some(({ severity }) => severity === 'error')) refused++;
      for (const { message, range } of found) {
        assert.ok(message.length > 0);
        assert.ok(range.start.line >= 1 && range.start.column >= 1);
        assert.ok(range.end.offset >= range.start.offset && range.end.offset <= text.length);
      }
      assert.ok(slowest < HANG_MS, `took ${slowest} ms`);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  assert.ok(refused > RUNS / 10 && refused < RUNS, `${refused} of ${RUNS} were refused`);
});

test('the files themselves were found', () => {
  assert.ok(REAL.length >= 20, `only ${REAL.length}`);
});

test.run();
