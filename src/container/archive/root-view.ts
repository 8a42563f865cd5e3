import { type BigIntStats, closeSync, constants, lstatSync, openSync, readlinkSync } from 'node:fs';
import { cleanPath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { descriptorPath } from '../../host/index.ts';
import { textOfBytes, toFsName } from '../../tar/index.ts';

const O_PATH = 0o10000000;
const FOLDER = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const MOST_LINKS = 40;

/** An object, or a free name, in a folder that is held open. */
export interface Place extends Disposable {
  /** Absolute inside the root, without symlinks. */
  readonly path: string;
  /** The last component; `.` for the root. */
  readonly name: string;
  /** Path text for system calls. Only its last component can be changed by others, so it must not be followed. */
  readonly file: string;
  /** undefined: nothing is there. */
  readonly stats: BigIntStats | undefined;
}

export interface FindOptions {
  /** Follows a symlink at the end too. */
  readonly follow: boolean;
}

interface Folder {
  readonly descriptor: number;
  readonly name: string;
}

/**
 * A root filesystem that other processes may change meanwhile, and whose symlinks and `..` never lead out of it: each folder is opened from
 * the one above without following a symlink, the text of symlinks is resolved here, and `..` returns to the folder that it was opened from.
 */
export class RootView implements Disposable {
  readonly #root: number;

  /** `path` is trusted, e.g. `/proc/PID/root`. */
  constructor(path: string) {
    this.#root = openSync(path, O_PATH | constants.O_DIRECTORY);
  }

  /** Finds a path. A slash at its end asks for a directory. Throws `not-found` if a folder on the way is missing or no folder. */
  find(path: string, { follow }: FindOptions): Place {
    const walk = new Walk(this.#root, path, follow || path.endsWith('/') || path.endsWith('/.'));
    try {
      return walk.run();
    } finally {
      walk[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#root);
  }
}

class Walk implements Disposable {
  readonly #root: number;
  readonly #path: string;
  readonly #follow: boolean;
  readonly #folders: Folder[] = [];
  #waiting: string[];
  #links = 0;

  constructor(root: number, path: string, follow: boolean) {
    this.#root = root;
    this.#path = path;
    this.#follow = follow;
    this.#waiting = namesOf(cleanPath(path)); // as Docker: `..` of the request is resolved as text
  }

  run(): Place {
    for (let name = this.#waiting.shift(); name !== undefined; name = this.#waiting.shift()) {
      if (name === '..') {
        this.#leave();
        continue;
      }
      const isLast = this.#waiting.length === 0;
      const file = `${descriptorPath(this.#top())}/${name}`;
      const stats = lstatSync(toFsName(file), { bigint: true, throwIfNoEntry: false });
      if (stats?.isSymbolicLink() === true && (!isLast || this.#follow)) this.#followLink(file);
      else if (isLast) return this.#placeOf(name);
      else this.#enter(file, name);
    }
    const last = this.#folders.pop();
    if (last === undefined) return this.#placeOf('.');
    closeSync(last.descriptor);
    return this.#placeOf(last.name);
  }

  [Symbol.dispose](): void {
    for (const { descriptor } of this.#folders) closeSync(descriptor);
  }

  #top(): number {
    return this.#folders.at(-1)?.descriptor ?? this.#root;
  }

  #leave(): void {
    const left = this.#folders.pop();
    if (left !== undefined) closeSync(left.descriptor);
  }

  #enter(file: string, name: string): void {
    try {
      this.#folders.push({ descriptor: openSync(toFsName(file), FOLDER), name });
    } catch (cause) {
      const isPlain = ['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '');
      throw createMissingError(this.#path, isPlain ? undefined : cause);
    }
  }

  #followLink(file: string): void {
    this.#links++;
    if (this.#links > MOST_LINKS)
      throw new MkimageError('usage', `\`${this.#path}\`: too many levels of symbolic links`);
    const target = textOfBytes(readlinkSync(toFsName(file), { encoding: 'buffer' }));
    if (target.startsWith('/')) while (this.#folders.length > 0) this.#leave();
    this.#waiting = [...namesOf(target), ...this.#waiting];
  }

  #placeOf(name: string): Place {
    const folder = openSync(descriptorPath(this.#top()), O_PATH | constants.O_DIRECTORY);
    const file = `${descriptorPath(folder)}/${name}`;
    const names = [...this.#folders.map((each) => each.name), ...(name === '.' ? [] : [name])];
    return {
      path: `/${names.join('/')}`,
      name,
      file,
      stats: lstatSync(toFsName(file), { bigint: true, throwIfNoEntry: false }),
      [Symbol.dispose]: () => closeSync(folder),
    };
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

export function createMissingError(path: string, cause?: unknown): MkimageError {
  return new MkimageError('not-found', `Could not find the file ${path}`, cause === undefined ? {} : { cause });
}
