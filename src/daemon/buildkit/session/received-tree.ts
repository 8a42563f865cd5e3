/** A folder that is filled with what a client sends. */
import { chmodSync, closeSync, constants, linkSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { MkimageError } from '../../../errors.ts';
import { makeNode, setTimes } from '../../../host/index.ts';
import { type EntryType, permissionsOfMode, typeOfMode } from './file-mode.ts';
import type { Stat } from './messages.ts';

const NEW_FILE = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;
const MOST_ENTRIES = 2_000_000;
const LONGEST_PATH = 4096;

/**
 * Owns the files that are open. Nothing that the client sends can lead out of the folder: an entry is new, and its parent
 * is a directory that was made here before. So no link is ever followed, as only links of the client lie in the folder.
 */
export class ReceivedTree implements Disposable {
  readonly #folder: string;
  readonly #types = new Map<string, EntryType>([['', 'directory']]);
  readonly #directories: Stat[] = [];
  readonly #open = new Map<number, { readonly file: number; readonly stat: Stat; left: number }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Adds an entry. Returns true if the content of the file is wanted. Throws `usage`, `unsupported`, `limit`. */
  add(id: number, stat: Stat): boolean {
    const { path } = stat;
    const type = typeOfMode(stat.mode);
    if (type === undefined) throw refuse(path, `its mode ${stat.mode} is unknown`);
    this.#checkPath(path);
    this.#types.set(path, type);
    if (this.#types.size > MOST_ENTRIES) throw new MkimageError('limit', `receive files: more than ${MOST_ENTRIES}`);
    return this.#make(id, type, stat);
  }

  /** Adds to a file. No bytes: the file is complete. Throws `usage`. */
  write(id: number, data: Uint8Array): void {
    const open = this.#open.get(id);
    if (open === undefined)
      throw new MkimageError('usage', `receive files: data of entry ${id}, which was not asked for`);
    if (data.length === 0) {
      this.#close(id);
      return;
    }
    open.left -= data.length;
    if (open.left < 0) throw refuse(open.stat.path, 'it is longer than its size');
    for (let at = 0; at < data.length; ) at += writeSync(open.file, data, at);
  }

  /** True if no file is incomplete. */
  get isComplete(): boolean {
    return this.#open.size === 0;
  }

  /** Sets the modes and times of directories, in which files could not be made otherwise, or would change the time. */
  finish(): void {
    for (const stat of this.#directories.toReversed()) {
      chmodSync(join(this.#folder, stat.path), permissionsOfMode(stat.mode));
      this.#setTime(stat);
    }
  }

  [Symbol.dispose](): void {
    for (const { file } of this.#open.values()) closeSync(file);
    this.#open.clear();
  }

  #checkPath(path: string): void {
    const isPlain = path
      .split('/')
      .every((name) => name !== '' && name !== '.' && name !== '..' && Buffer.byteLength(name) <= 255);
    if (!isPlain || path.includes('\0') || path.length > LONGEST_PATH)
      throw refuse(path, 'not a path in the directory');
    if (this.#types.has(path)) throw refuse(path, 'it was sent before');
    const parent = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
    if (this.#types.get(parent) !== 'directory') throw refuse(path, 'its parent is not a directory');
  }

  #make(id: number, type: EntryType, stat: Stat): boolean {
    const place = join(this.#folder, stat.path);
    switch (type) {
      case 'directory':
        mkdirSync(place, 0o700);
        this.#directories.push(stat);
        return false;
      case 'symlink':
        symlinkSync(stat.linkname, place);
        this.#setTime(stat);
        return false;
      case 'file':
        return stat.linkname === '' ? this.#openFile(id, stat) : this.#link(stat);
      case 'fifo':
        makeNode(place, 0o010000 | permissionsOfMode(stat.mode), { major: 0, minor: 0 });
        return false;
      case 'socket':
        return false;
      default:
        throw new MkimageError('unsupported', `receive \`${stat.path}\`: a device cannot be part of a build context`);
    }
  }

  #openFile(id: number, stat: Stat): boolean {
    const file = openSync(join(this.#folder, stat.path), NEW_FILE, 0o600);
    this.#open.set(id, { file, stat, left: stat.size });
    return true;
  }

  #link(stat: Stat): boolean {
    if (this.#types.get(stat.linkname) !== 'file')
      throw refuse(stat.path, 'the file that it links to was not sent before');
    linkSync(join(this.#folder, stat.linkname), join(this.#folder, stat.path));
    return false;
  }

  #close(id: number): void {
    const { file, stat, left } = this.#open.get(id)!;
    this.#open.delete(id);
    closeSync(file);
    if (left > 0) throw refuse(stat.path, 'it is shorter than its size');
    const place = join(this.#folder, stat.path);
    chmodSync(place, permissionsOfMode(stat.mode));
    this.#setTime(stat);
  }

  #setTime({ path, modified }: Stat): void {
    setTimes(join(this.#folder, path), { atimeNs: modified, mtimeNs: modified });
  }
}

function refuse(path: string, why: string): MkimageError {
  return new MkimageError('usage', `receive \`${path.slice(0, 200)}\`: ${why}`);
}
