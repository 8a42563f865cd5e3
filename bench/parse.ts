/** Time to parse a long build file: `node --import tsx bench/parse.ts [lines]`. Prints milliseconds, one line per figure. */
import { performance } from 'node:perf_hooks';
import { parseBuildFile } from '../src/instructions/index.ts';
import { createLongBuildFile } from './long-build-file.ts';

const lines = Number(process.argv[2] ?? 5000);
const text = createLongBuildFile(lines);
const first = measure(text);
const runs = Array.from({ length: 15 }, () => measure(text)).sort((a, b) => a - b);
console.log(`first   ${first.toFixed(1)} ms (${lines} lines, ${(text.length / 1024).toFixed(0)} KiB)`);
console.log(`median  ${runs[7]!.toFixed(1)} ms`);
console.log(`least   ${runs[0]!.toFixed(1)} ms`);

function measure(source: string): number {
  const start = performance.now();
  const { diagnostics } = parseBuildFile(source);
  const took = performance.now() - start;
  if (diagnostics.length > 0) throw new Error(diagnostics[0]!.message);
  return took;
}
