import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findCacheFolder, isOurFolder } from './compiled-form.ts';

/** How long to wait before the next attempt (milliseconds): another process may still be working on it, or has failed. */
const RETRY_AFTER = 10 * 60 * 1000;

/**
 * Starts a detached process that creates the compiled form. Failures are ignored, because without it the program only starts
 * slower. Does nothing if Node options are set: some of them (`--inspect-brk`) would stop the process.
 */
export function startCompile(home: string, name: string): void {
  try {
    if (process.execArgv.length > 0 || process.env.NODE_OPTIONS !== undefined) return;
    const target = claimPlace(home, name);
    if (target === undefined) return;
    const maker = spawn(process.execPath, [join(home, 'compile.js'), target], {
      cwd: '/',
      detached: true,
      // The user's environment is not needed and may contain secrets.
      env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR },
      stdio: 'ignore',
    });
    maker.on('error', () => {});
    maker.unref();
  } catch {
    // A later run tries again.
  }
}

/** Name of the file that marks the compiled form as being created. */
export function toClaimPath(target: string): string {
  return `${target}.making`;
}

/** Returns the path of the compiled form, if this process is the one that must create it. */
function claimPlace(home: string, name: string): string | undefined {
  const folder = isOurFolder(home) ? home : findOwnCacheFolder();
  if (folder === undefined) return undefined;
  const target = join(folder, name);
  const claim = toClaimPath(target);
  if (isFresh(claim) || isFresh(target)) return undefined;
  rmSync(claim, { force: true });
  closeSync(openSync(claim, 'wx', 0o600));
  return target;
}

function findOwnCacheFolder(): string | undefined {
  const folder = findCacheFolder();
  if (folder === undefined) return undefined;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return isOurFolder(folder) ? folder : undefined;
}

/** Two processes that see an old mark at the same time both create the file; the later one replaces the other. */
function isFresh(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) < RETRY_AFTER;
}
