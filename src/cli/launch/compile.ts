/**
 * Source of `dist/compile.js`. Runs a cached build, so that V8 compiles the functions it needs, and stores the compiled form
 * (V8's code cache) in a file. Usage: `compile.js [file]`; by default the file is next to the program.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { constants, setPriority, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { toCompiledName } from './compiled-form.ts';
import { toClaimPath } from './start-compile.ts';

/** Maximum run time (milliseconds). */
const TIMEOUT = 120_000;
/** Maximum number of compiled forms in one folder. Each Node version, set of V8 flags and mkimage version has its own. */
const MAX_KEPT = 8;

const home = import.meta.dirname;
const target = process.argv[2] ?? join(home, toCompiledName());
if (basename(target) !== toCompiledName()) process.exit(1);
setPriority(constants.priority.PRIORITY_LOW);
setTimeout(() => process.exit(1), TIMEOUT).unref();

const scratch = mkdtempSync(join(tmpdir(), 'mkimage-compile-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
writeFileSync(join(scratch, 'Dockerfile'), 'FROM scratch AS a\nCOPY Dockerfile /\nFROM a\nLABEL a=b\n');
process.env.MKIMAGE_ROOT = join(scratch, 'store');
const args = ['build', '-t', 'a', '-o', `type=oci,dest=${join(scratch, 'a.tar')}`, scratch];
// Fills the build cache, so that the next run finds every step in it.
execFileSync(process.execPath, [join(home, 'main.mjs'), ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
runWholeProgram();

function runWholeProgram(): void {
  const program = join(home, 'whole.cjs');
  const script = new Script(readFileSync(program, 'latin1'), { filename: program });
  process.argv = [process.execPath, join(home, 'cli.js'), ...args];
  process.once('exit', (code) => {
    if (code === 0) storeCompiled(script.createCachedData());
  });
  script.runInThisContext()(createRequire(program), program);
}

/** Stores the file atomically and with fsync: V8 does not detect a file that was truncated by a power failure. */
function storeCompiled(bytes: Uint8Array): void {
  const temporary = `${target}.${process.pid}`;
  const file = openSync(temporary, 'wx', 0o644);
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  rmSync(toClaimPath(target), { force: true });
  removeOldest(dirname(target));
}

function removeOldest(folder: string): void {
  const forms = readdirSync(folder)
    .filter((name) => /^whole\..*\.bin(\.\d+)?$/.test(name))
    .map((name) => join(folder, name))
    .map((path) => ({ path, time: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
  for (const { path } of forms.sort((a, b) => b.time - a.time).slice(MAX_KEPT)) rmSync(path, { force: true });
}
