/**
 * Finds V8's compiled form of the program (code cache): next to the program, or in the user's cache folder. V8 executes its
 * content with few checks, so a file that another user could have written must not be loaded.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';

/** Digest of `whole.cjs`, set by `tools/bundle`. V8 itself only compares the length of the source text. */
declare const PROGRAM_DIGEST: string;

const WRITABLE_BY_OTHERS = 0o022;

/** File name of the compiled form for this program, this Node version, and the V8 flags and CPU features of this process. */
export function toCompiledName(): string {
  return `whole.${PROGRAM_DIGEST}.${process.version}.${process.arch}.${cachedDataVersionTag()}.bin`;
}

/** Reads the compiled form, if there is one and it can be trusted. */
export function findCompiled(program: string, name: string): Buffer | undefined {
  const user = process.geteuid?.();
  if (user === undefined) return undefined;
  const beside = readTrusted(
    join(dirname(program), name),
    (uid) => uid === user || uid === 0 || uid === findOwner(program),
  );
  if (beside !== undefined) return beside;
  const folder = findCacheFolder();
  return folder !== undefined && isOurFolder(folder)
    ? readTrusted(join(folder, name), (uid) => uid === user)
    : undefined;
}

/**
 * Finds `$XDG_CACHE_HOME/mkimage` or `~/.cache/mkimage` (XDG Base Directory Specification). Returns undefined if the parent
 * folder belongs to another user, e.g. under `sudo` that keeps HOME.
 */
export function findCacheFolder(): string | undefined {
  const { XDG_CACHE_HOME: chosen = '', HOME: home = '' } = process.env;
  if (isAbsolute(chosen)) return isOurs(statOf(chosen)) ? join(chosen, 'mkimage') : undefined;
  return isAbsolute(home) && isOurs(statOf(home)) ? join(home, '.cache', 'mkimage') : undefined;
}

/** Whether the path is a folder (not a symbolic link) that only this user can write to. */
export function isOurFolder(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && isOurs(stats);
}

function isOurs(stats: Stats | undefined): boolean {
  return stats !== undefined && stats.uid === process.geteuid?.() && (stats.mode & WRITABLE_BY_OTHERS) === 0;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function findOwner(path: string): number | undefined {
  return statOf(path)?.uid;
}

function readTrusted(path: string, isTrusted: (uid: number) => boolean): Buffer | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    const mayBeUsed = stats.isFile() && isTrusted(stats.uid) && (stats.mode & WRITABLE_BY_OTHERS) === 0;
    return mayBeUsed ? readFileSync(file) : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
