/**
 * Where V8's compiled form of the program lies: beside the program, or in the cache folder of whoever runs it. V8 runs what it
 * finds there as the program itself, and checks little of it: nothing that another user could have written may be loaded.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';

/** Digest of `whole.cjs`, put in by `tools/bundle`: V8 itself compares nothing but the length of the text. */
declare const PROGRAM_DIGEST: string;

const WRITABLE_BY_OTHERS = 0o022;

/** File name of the form that fits: this program, this Node, and V8 with the flags and processor features of this process. */
export function compiledName(): string {
  return `whole.${PROGRAM_DIGEST}.${process.version}.${process.arch}.${cachedDataVersionTag()}.bin`;
}

/** The bytes of the compiled form, if there is one that may be trusted. */
export function findCompiled(program: string, name: string): Buffer | undefined {
  const user = process.geteuid?.();
  if (user === undefined) return undefined;
  const beside = readTrusted(
    join(dirname(program), name),
    (uid) => uid === user || uid === 0 || uid === owner(program),
  );
  if (beside !== undefined) return beside;
  const folder = cacheFolder();
  return folder !== undefined && isOurFolder(folder)
    ? readTrusted(join(folder, name), (uid) => uid === user)
    : undefined;
}

/**
 * `$XDG_CACHE_HOME/mkimage` or `~/.cache/mkimage` (XDG Base Directory Specification). Undefined if that would lie below
 * a folder of another user, as under `sudo` that keeps HOME.
 */
export function cacheFolder(): string | undefined {
  const { XDG_CACHE_HOME: chosen = '', HOME: home = '' } = process.env;
  if (isAbsolute(chosen)) return isOurs(statOf(chosen)) ? join(chosen, 'mkimage') : undefined;
  return isAbsolute(home) && isOurs(statOf(home)) ? join(home, '.cache', 'mkimage') : undefined;
}

/** A folder, and no link to one, into which nobody but this user can put anything. */
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

function owner(path: string): number | undefined {
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
