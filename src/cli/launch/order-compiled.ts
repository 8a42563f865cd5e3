import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, isOurFolder } from './compiled-form.ts';

/** So long nobody tries again (milliseconds): another process is at it, or has failed. */
const PATIENCE = 10 * 60 * 1000;

/**
 * Has the compiled form made by a process of its own, which nobody waits for. Says nothing: without it the program only starts
 * slower. What is at hand under Node options of the user's is not made, since some of them (`--inspect-brk`) would stop it.
 */
export function orderCompiled(home: string, name: string): void {
  try {
    if (process.execArgv.length > 0 || process.env.NODE_OPTIONS !== undefined) return;
    const target = claimPlace(home, name);
    if (target === undefined) return;
    const maker = spawn(process.execPath, [join(home, 'compile.js'), target], {
      cwd: '/',
      detached: true,
      // Nothing of the user's is needed, and secrets may be among it.
      env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR },
      stdio: 'ignore',
    });
    maker.on('error', () => {});
    maker.unref();
  } catch {
    // The next run tries again.
  }
}

/** Name of the file that says that the form is being made. */
export function claimOf(target: string): string {
  return `${target}.making`;
}

/** Where the form goes, if it is this process that has to see to it. */
function claimPlace(home: string, name: string): string | undefined {
  const folder = isOurFolder(home) ? home : ownCacheFolder();
  if (folder === undefined) return undefined;
  const target = join(folder, name);
  const claim = claimOf(target);
  if (isFresh(claim) || isFresh(target)) return undefined;
  rmSync(claim, { force: true });
  closeSync(openSync(claim, 'wx', 0o600));
  return target;
}

function ownCacheFolder(): string | undefined {
  const folder = cacheFolder();
  if (folder === undefined) return undefined;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return isOurFolder(folder) ? folder : undefined;
}

/** Two processes that find an old one at the same time both make the form: the later is put in place of the other. */
function isFresh(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) < PATIENCE;
}
