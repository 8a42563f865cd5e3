// Copies a folder of conformance cases and makes symbolic links again of what a copy has made files of:
//   node .ci/restore-links.mjs <from> <to>
// Such a file holds the name of something that lies beside it, and no line feed. (So may an ignore file, which is none.)
import { cpSync, lstatSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const [from, to] = process.argv.slice(2);
const LONGEST = 200;

cpSync(from, to, { recursive: true, verbatimSymlinks: true });
const files = readdirSync(join(to, 'cases'), { recursive: true }).map((name) => join(to, 'cases', name));
let restored = 0;
for (const file of files.filter((file) => file.includes('/context/'))) {
  const target = targetOf(file);
  if (target === undefined) continue;
  rmSync(file);
  symlinkSync(target, file);
  restored++;
}
console.log(`${restored} symbolic links restored`);

function targetOf(file) {
  if (file.endsWith('.dockerignore')) return undefined;
  const stats = lstatSync(file);
  if (!stats.isFile() || stats.size === 0 || stats.size > LONGEST) return undefined;
  const text = readFileSync(file, 'utf8');
  const beside = resolve(dirname(file), text);
  return /\s|\0/.test(text) || beside === file || !exists(beside) ? undefined : text;
}

function exists(file) {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}
