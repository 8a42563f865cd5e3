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
  /** True if the store has the content of a descriptor. */
  readonly holds: (target: Descriptor) => boolean;
}

/**
 * Reads and writes index.json. Reads need no lock; one process at a time replaces the whole file. The backup replaces damaged
 * content: the whole file if it is not an index, or one entry if its content is missing and the backup's entry has content.
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

  /** Creates an empty index.json unless it exists: another process may have just created it and tagged an image. */
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
    return parseRefs(this.#text()).map((ref) => this.#healRef(ref));
  }

  find(name: string): Ref | undefined {
    const found = findRef(this.#text(), name);
    return found && this.#healRef(found);
  }

  /** An edit that changes nothing takes no lock and writes nothing. */
  async edit(change: (refs: readonly Ref[]) => readonly Ref[]): Promise<void> {
    const before = this.refs();
    if (formatRefs(change(before)) === formatRefs(before)) return;
    await this.runLocked(async () => {
      const text = formatRefs(change(this.refs()));
      writeAtomically(this.#path, text, { temporary: this.#newTemporary(), durability: 'power' });
      this.#backup.write(text, this.#newTemporary());
    });
  }

  /** Runs the work while nobody else edits. The work itself must not call `edit`. */
  runLocked<T>(work: () => Promise<T>): Promise<T> {
    return this.#lock.hold(LOCK_WAIT_MS, work);
  }

  /** True if index.json is an index and the backup has no better entry for any of its names. */
  isSound(): boolean {
    const text = this.#read();
    return text !== undefined && isIndex(text) && parseRefs(text).every((ref) => this.#healRef(ref) === ref);
  }

  /** Replaces a damaged file with the names that are still known. Throws `store` if none are. */
  async repair(): Promise<void> {
    await this.runLocked(async () => {
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

  /** The backup's entry if the content of `ref` is missing and that of the backup's entry is not; else `ref`. */
  #healRef(ref: Ref): Ref {
    if (ref.target === undefined || ref.name === undefined || this.#holds(ref.target)) return ref;
    const backup = this.#backup.read();
    const before = backup === undefined ? undefined : findRef(backup, ref.name);
    return before?.target !== undefined && this.#holds(before.target) ? before : ref;
  }
}
