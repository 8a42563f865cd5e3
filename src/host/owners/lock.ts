/**
 * A lock that is released when its holder is killed. The symlink with the highest number in a folder is its state:
 *
 *   41 -> free                      nobody holds it
 *   42 -> 3f9a0c11.5120.8812345     this owner holds it (owner.ts)
 *
 * The process that creates the next number holds the lock. It may create it if the highest number is `free` or its owner is dead.
 * Creating a symlink is atomic and exclusive. A number is removed only after a higher one exists, so the highest is always correct: a
 * process with an old listing finds a higher number when it lists again, and withdraws.
 */

import { existsSync, lstatSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MkimageError } from '../../errors.ts';
import { makeDirectories } from '../files/make-directories.ts';
import { readFileClock } from './file-clock.ts';
import { livenessOf, thisOwner } from './owner.ts';
import { errnoOf, toStoreError, withStoreErrors } from './store-error.ts';

const FREE = 'free';
const POLL_MS = 10;
/** The lock of a holder that cannot be checked (another pid namespace) expires after this time. */
const FOREIGN_PATIENCE_MS = 60_000;

export class FileLock {
  readonly #folder: string;
  /** Calls of this process wait here for each other, without polling the folder. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Holds the lock while the work runs. Throws `in-use` if the lock is not free within `waitMs`. */
  async hold<T>(waitMs: number, work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => this.#holdNow(waitMs, work));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  /** Returns true if a running process holds the lock. */
  isHeld(): boolean {
    const top = this.#top();
    return top !== undefined && !this.#isFree(top);
  }

  async #holdNow<T>(waitMs: number, work: () => Promise<T>): Promise<T> {
    const mine = await this.#acquire(waitMs);
    try {
      return await work();
    } finally {
      this.#release(mine);
    }
  }

  async #acquire(waitMs: number): Promise<number> {
    withStoreErrors('lock store', this.#folder, () => makeDirectories(this.#folder, 0o700));
    for (let waited = 0; ; waited += POLL_MS) {
      const mine = this.#tryNext();
      if (mine !== undefined) return mine;
      if (waited >= waitMs)
        throw new MkimageError('in-use', `lock store \`${this.#folder}\`: another process holds it`);
      await sleep(POLL_MS);
    }
  }

  #tryNext(): number | undefined {
    const top = this.#top();
    if (top !== undefined && !this.#isFree(top)) return undefined;
    const mine = (top ?? 0) + 1;
    if (!this.#make(mine, thisOwner())) return undefined;
    if (this.#top() === mine) {
      this.#removeBelow(mine);
      return mine;
    }
    this.#remove(mine);
    return undefined;
  }

  #release(mine: number): void {
    try {
      symlinkSync(FREE, join(this.#folder, String(mine + 1)));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return; // the folder was removed, with what the lock is for
      if (errnoOf(error) !== 'EEXIST') throw toStoreError('lock', this.#folder, error);
    }
    this.#remove(mine);
  }

  #numbers(): number[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder).map(Number).filter(Number.isSafeInteger);
  }

  #top(): number | undefined {
    const numbers = this.#numbers();
    return numbers.length === 0 ? undefined : Math.max(...numbers);
  }

  #isFree(number: number): boolean {
    const link = join(this.#folder, String(number));
    try {
      const owner = readlinkSync(link);
      if (owner === FREE) return true;
      const liveness = livenessOf(owner);
      if (liveness !== 'unknown') return liveness === 'dead';
      return readFileClock(this.#folder) - lstatSync(link).mtimeMs > FOREIGN_PATIENCE_MS;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return false; // replaced by a higher number: list again
      throw error;
    }
  }

  #make(number: number, owner: string): boolean {
    try {
      symlinkSync(owner, join(this.#folder, String(number)));
      return true;
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false;
      return withStoreErrors('lock store', this.#folder, () => {
        throw error;
      });
    }
  }

  #removeBelow(number: number): void {
    for (const lower of this.#numbers().filter((n) => n < number)) this.#remove(lower);
  }

  #remove(number: number): void {
    rmSync(join(this.#folder, String(number)), { force: true });
  }
}
