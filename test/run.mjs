// Runs every test file (or those whose path contains one of the arguments) and ends with a line `N passed, N failed`.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { register } from 'tsx/esm/api';
import { watchSilence } from './support/watchdog.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(here, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.test.ts') && (wanted.length === 0 || wanted.some((part) => file.includes(part))))
  .sort();

// The same cases every time; MKIMAGE_FUZZ_SEED asks for others.
fc.configureGlobal({ seed: Number(process.env.MKIMAGE_FUZZ_SEED ?? 1) });
const noteLife = watchSilence((message) => console.log(`\n${message}\n${totals.passed} passed, 1 failed`));
const totals = watchTotals();
// What nobody caught would end a user's build: whichever test it came from, the tests have failed.
let uncaught = 0;
process.on('uncaughtException', (error, origin) => {
  uncaught++;
  console.log(`UNCAUGHT (${origin})`, error);
});
globalThis.UVU_DEFER = 1;
globalThis.UVU_QUEUE = [];
register();
const { exec } = await import('uvu');
for (const [index, file] of files.entries()) {
  globalThis.UVU_INDEX = index;
  globalThis.UVU_QUEUE.push([file]);
  await import(pathToFileURL(join(here, file)).href).catch((error) => giveUp(file, error));
}
await exec();
if (totals.skipped > 0) console.log(`${totals.skipped} skipped (each says above what it needs)`);
const failed = totals.total - totals.passed + uncaught;
const skippedInVain = totals.skipped > 0 && process.env.MKIMAGE_TEST_NO_SKIPS === '1';
if (skippedInVain) console.log('nothing may skip here');
console.log(`${totals.passed} passed, ${failed} failed`);
process.exit(failed > 0 || totals.total === 0 || skippedInVain || process.exitCode ? 1 : 0);

/** A file that cannot be loaded has no tests to count. */
function giveUp(file, error) {
  console.log(`${file} cannot be loaded`, error);
  console.log('0 passed, 1 failed');
  process.exit(1);
}

/** uvu prints its totals and returns nothing: they are read off the output that passes by. */
function watchTotals() {
  const seen = { total: 0, passed: 0, skipped: 0 };
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (chunk, ...rest) => {
    noteLife();
    for (const [, key, count] of String(chunk).matchAll(/^\s*(Total|Passed|Skipped):\s+(\d+)/gm)) {
      seen[key.toLowerCase()] = Number(count);
    }
    return write(chunk, ...rest);
  };
  return seen;
}
