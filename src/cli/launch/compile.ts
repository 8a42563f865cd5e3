/**
 * What `dist/compile.js` is made of: lets V8 compile the whole program by using it, and keeps what it made, of all that a cached
 * build needs. `compile.js [file]`: by default beside the program.
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
import { compiledName } from './compiled-form.ts';
import { claimOf } from './order-compiled.ts';

/** Then something hangs (milliseconds). */
const LONGEST = 120_000;
/** So many forms stay in one folder: of other Nodes, other flags and, in a cache folder, other versions of mkimage. */
const MOST_KEPT = 8;

const home = import.meta.dirname;
const target = process.argv[2] ?? join(home, compiledName());
if (basename(target) !== compiledName()) process.exit(1);
setPriority(constants.priority.PRIORITY_LOW);
setTimeout(() => process.exit(1), LONGEST).unref();

const scratch = mkdtempSync(join(tmpdir(), 'mkimage-compile-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
writeFileSync(join(scratch, 'Dockerfile'), 'FROM scratch AS a\nCOPY Dockerfile /\nFROM a\nLABEL a=b\n');
process.env.MKIMAGE_ROOT = join(scratch, 'store');
const args = ['build', '-t', 'a', '-o', `type=oci,dest=${join(scratch, 'a.tar')}`, scratch];
// The second time everything is in the cache.
execFileSync(process.execPath, [join(home, 'main.mjs'), ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
useWhole();

function useWhole(): void {
  const program = join(home, 'whole.cjs');
  const script = new Script(readFileSync(program, 'latin1'), { filename: program });
  process.argv = [process.execPath, join(home, 'cli.js'), ...args];
  process.once('exit', (code) => {
    if (code === 0) keep(script.createCachedData());
  });
  script.runInThisContext()(createRequire(program), program);
}

/** In one step and on the disk: V8 does not notice a form that lost its end in a power cut. */
function keep(bytes: Uint8Array): void {
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
  rmSync(claimOf(target), { force: true });
  removeOldest(dirname(target));
}

function removeOldest(folder: string): void {
  const forms = readdirSync(folder)
    .filter((name) => /^whole\..*\.bin(\.\d+)?$/.test(name))
    .map((name) => join(folder, name))
    .map((path) => ({ path, time: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
  for (const { path } of forms.sort((a, b) => b.time - a.time).slice(MOST_KEPT)) rmSync(path, { force: true });
}
