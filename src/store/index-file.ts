import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileLock } from '../host/index.ts';
import { errnoOf, toStoreError, writeAtomically } from '../host/index.ts';
import { type Descriptor, IMAGE_LAYOUT } from '../oci/index.ts';
import type { IndexBackup } from './index-backup.ts';
import { findRef, formatRefs, isIndex, parseRefs, type Ref } from './refs.ts';

const LOCK_WAIT_MS = 30_000;

export interface IndexFileOptions {
  /** The OCI image layout. */
  readonly directory: string;
  readonly lock: FileLock;
  readonly backup: IndexBackup;
  readonly newTemporary: () => string;
  /** True if the content behind a descriptor is here. */
  readonly holds: (target: Descriptor) => boolean;
}

/**
 * index.json: read whole at any moment, replaced whole by one process at a time. Where it is damaged, what was last written
 * stands for it: for all of it if it is no index any more, and for a name that leads nowhere now but led somewhere then.
 */
export class IndexFile {
  readonly #path: string;
  readonly #lock: FileLock;
  readonly #backup: IndexBackup;
  readonly #newTemporary: () => string;
  readonly #holds: IndexFileOptions['holds'];

  constructor({ directory, lock, backup, newTemporary, holds }: IndexFileOptions) {
    this.#path = join(directory, IMAGE_LAYOUT.index);
    this.#lock = lock;
    this.#backup = backup;
    this.#newTemporary = newTemporary;
    this.#holds = holds;
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
    return parseRefs(this.#text()).map((ref) => this.#healed(ref));
  }

  find(name: string): Ref | undefined {
    const found = findRef(this.#text(), name);
    return found && this.#healed(found);
  }

  /** An edit that changes nothing takes no lock and writes nothing. */
  async edit(change: (refs: readonly Ref[]) => readonly Ref[]): Promise<void> {
    const before = this.refs();
    if (formatRefs(change(before)) === formatRefs(before)) return;
    await this.locked(async () => {
      const text = formatRefs(change(this.refs()));
      writeAtomically(this.#path, text, { temporary: this.#newTemporary(), durability: 'power' });
      this.#backup.write(text, this.#newTemporary());
    });
  }

  /** Nobody edits while the work goes on; the work itself must not. */
  locked<T>(work: () => Promise<T>): Promise<T> {
    return this.#lock.hold(LOCK_WAIT_MS, work);
  }

  /** Whether index.json is an index, and what the names in it lead to is here or was never here. */
  isSound(): boolean {
    const text = this.#read();
    return text !== undefined && isIndex(text) && parseRefs(text).every((ref) => this.#healed(ref) === ref);
  }

  /** Writes what is known of the names in place of a damaged file. Throws `store` if nothing is. */
  async repair(): Promise<void> {
    await this.locked(async () => {
      const text = formatRefs(this.refs());
      writeAtomically(this.#path, text, { temporary: this.#newTemporary(), durability: 'power' });
    });
  }

  #text(): string {
    const text = this.#read();
    if (text !== undefined && isIndex(text)) return text;
    return this.#backup.read() ?? text ?? '';
  }

  #read(): string | undefined {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return formatRefs([]);
      if (errnoOf(error) === 'EISDIR') return undefined;
      throw toStoreError('read', this.#path, error);
    }
  }

  /** A name that leads to nothing here, and led to something when mkimage last wrote it. */
  #healed(ref: Ref): Ref {
    if (ref.target === undefined || ref.name === undefined || this.#holds(ref.target)) return ref;
    const backup = this.#backup.read();
    const before = backup === undefined ? undefined : findRef(backup, ref.name);
    return before?.target !== undefined && this.#holds(before.target) ? before : ref;
  }
}
