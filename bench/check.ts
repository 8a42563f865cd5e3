/**
 * Time to parse, lower and check a long build file in this process: `node --import tsx bench/check.ts [lines]`. `parse`,
 * `check` (lowering, with BuildKit's checks) and `lint` (mkimage's own, with fixes) are parts of `all`. Prints milliseconds:
 * the first run, as of a fresh process, and the median and least of fifteen more.
 */
import { performance } from 'node:perf_hooks';
import { parseBuildFile, parseTrigger } from '../src/instructions/index.ts';
import { lintBuildFile } from '../src/lint/index.ts';
import { checkBuildFile, type PlanRequest, runPlanning } from '../src/plan/index.ts';
import { createLongBuildFile } from './long-build-file.ts';

const LINUX = { os: 'linux', architecture: 'amd64' };
const REQUEST: PlanRequest = {
  target: undefined,
  buildArgs: {},
  platform: LINUX,
  buildPlatform: LINUX,
  contexts: {},
  labels: {},
  allChecks: true,
};
const PARTS = ['parse', 'check', 'lint', 'all'] as const;
type Times = Readonly<Record<(typeof PARTS)[number], number>>;

const lines = Number(process.argv[2] ?? 5000);
const text = createLongBuildFile(lines);
const first = measure();
const runs = Array.from({ length: 15 }, measure);
console.log(`${lines} lines, ${(text.length / 1024).toFixed(0)} KiB`);
console.log('part     first  median   least');
for (const part of PARTS) {
  const sorted = runs.map((run) => run[part]).sort((a, b) => a - b);
  const shown = [first[part], sorted[7]!, sorted[0]!].map((time) => time.toFixed(1).padStart(7));
  console.log(part.padEnd(6), ...shown);
}

function measure(): Times {
  const start = performance.now();
  const file = parseBuildFile(text);
  const parsed = performance.now();
  const result = checkFile(file);
  const lowered = performance.now();
  const { errors } = lintBuildFile({ file, text, request: REQUEST }, result);
  const end = performance.now();
  if (errors.length > 0) throw new Error(errors[0]!.message);
  return { parse: parsed - start, check: lowered - parsed, lint: end - lowered, all: end - start };
}

/** As without a store: every base is unknown. */
function checkFile(file: ReturnType<typeof parseBuildFile>) {
  return runPlanning(checkBuildFile(file, REQUEST), () => ({ kind: 'failure', message: 'not here' }), parseTrigger);
}
