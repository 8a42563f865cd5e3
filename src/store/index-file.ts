import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGE_LAYOUT } from '../oci/index.ts';
import { writeAtomically } from './atomic-write.ts';
import type { FileLock } from './lock.ts';
import { findRef, formatRefs, parseRefs, type Ref } from './refs.ts';
import { errnoOf, storeFault } from './store-fault.ts';

const LOCK_WAIT_MS = 30_000;

/** index.json: read whole at any moment, replaced whole by one process at a time. */
export class IndexFile {
  readonly #path: string;
  readonly #lock: FileLock;
  readonly #newTemporary: () => string;

  constructor(directory: string, lock: FileLock, newTemporary: () => string) {
    this.#path = join(directory, IMAGE_LAYOUT.index);
    this.#lock = lock;
    this.#newTemporary = newTemporary;
  }

  /** Puts an empty one in place, unless there is one: another process may have made it, and tagged, just now. */
  create(): void {
    const temporary = this.#newTemporary();
    writeFileSync(temporary, formatRefs([]), { flag: 'wx', mode: 0o600 });
    try {
      linkSync(temporary, this.#path);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  refs(): readonly Ref[] {
    return parseRefs(this.#text());
  }

  find(name: string): Ref | undefined {
    return findRef(this.#text(), name);
  }

  /** An edit that changes nothing takes no lock and writes nothing. */
  async edit(change: (refs: readonly Ref[]) => readonly Ref[]): Promise<void> {
    const before = this.refs();
    if (formatRefs(change(before)) === formatRefs(before)) return;
    await this.locked(async () => {
      writeAtomically(this.#path, this.#newTemporary(), formatRefs(change(this.refs())), 'power');
    });
  }

  /** Nobody edits while the work goes on; the work itself must not. */
  locked<T>(work: () => Promise<T>): Promise<T> {
    return this.#lock.hold(LOCK_WAIT_MS, work);
  }

  #text(): string {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return formatRefs([]);
      throw storeFault('read', this.#path, error);
    }
  }
}
