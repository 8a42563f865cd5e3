import { closeSync, constants, openSync } from 'node:fs';
import { toFsName } from '../../tar/index.ts';
import { descriptorPath, openExactly } from './exact-path.ts';

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Opens files at real paths, as `openExactly` does, for who reads many of a folder one after another: where the folder really
 * is, is asked once, and then it is held open and its files are opened below it. Close it at the end; it opens again.
 */
export class ExactFiles {
  #folder: string | undefined;
  #descriptor = -1;

  /** For reading; `path` is path text. Throws like `node:fs`, `ELOOP` if a link is on the way or in the last place. */
  open(path: string): number {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, slash);
    if (folder !== this.#folder) this.#hold(folder);
    return openSync(toFsName(`${descriptorPath(this.#descriptor)}${path.slice(slash)}`), FLAGS);
  }

  close(): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
    this.#folder = undefined;
  }

  #hold(folder: string): void {
    this.close();
    // Not as a directory: of a link in its place the kernel would only say that it is none.
    this.#descriptor = openExactly(folder === '' ? '/' : toFsName(folder), constants.O_RDONLY);
    this.#folder = folder;
  }
}
