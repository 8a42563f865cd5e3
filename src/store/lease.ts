/**
 * Leases: many builds and loads at once, or one `collect`, never both. A lease is a file with its owner in the name; a collector
 * holds a lock. Each side first announces itself and then checks for the other, so that at least one of two sees the other.
 */
import { closeSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MkimageError } from '../errors.ts';
import type { FileLock } from '../host/index.ts';
import {
  createOwnedName,
  errnoOf,
  livenessOf,
  makeDirectories,
  parseOwner,
  readFileClock,
  withStoreErrors,
} from '../host/index.ts';
import type { Log } from '../progress.ts';

const KIND = 'lease';
const POLL_MS = 20;
const BEAT_MS = 60_000;
/** A lease of another pid namespace is dead if it was not touched for this long. */
const FOREIGN_PATIENCE_MS = 10 * BEAT_MS;

export class Leases {
  readonly #folder: string;
  readonly #collecting: FileLock;
  readonly #log: Log | undefined;

  constructor(folder: string, collecting: FileLock, log?: Log) {
    this.#log = log;
    this.#folder = folder;
    this.#collecting = collecting;
  }

  /** Waits until a running collection ends. Then collections wait until the lease is disposed. */
  async take(): Promise<AsyncDisposable> {
    withStoreErrors('lease store', this.#folder, () => makeDirectories(this.#folder, 0o700));
    for (let waited = 0; ; waited += POLL_MS) {
      const lease = Lease.show(join(this.#folder, createOwnedName(KIND)));
      if (!this.#collecting.isHeld()) {
        this.#log?.debug('store', 'lease taken', { waited });
        return lease;
      }
      await lease[Symbol.asyncDispose]();
      await sleep(POLL_MS);
    }
  }

  /** Runs the work while there is no lease. Throws `in-use` if there is still one after `waitMs`. */
  async exclude<T>(waitMs: number, work: () => Promise<T>): Promise<T> {
    for (let waited = 0; ; waited += POLL_MS) {
      const done = await this.#collecting.hold(waitMs, async () =>
        this.#countLiving() === 0 ? { result: await work() } : undefined,
      );
      if (done !== undefined) {
        this.#log?.debug('store', 'exclusive access ended', { waited });
        return done.result;
      }
      if (waited >= waitMs) throw inUse(this.#countLiving());
      await sleep(POLL_MS);
    }
  }

  /** Counts the leases of living processes. Removes those of dead ones. */
  #countLiving(): number {
    return leasesIn(this.#folder).filter((name) => {
      const alive = this.#isAlive(name);
      if (!alive) rmSync(join(this.#folder, name), { force: true });
      return alive;
    }).length;
  }

  #isAlive(name: string): boolean {
    const liveness = livenessOf(parseOwner(KIND, name) ?? '');
    if (liveness !== 'unknown') return liveness === 'alive';
    const touched = statSync(join(this.#folder, name), { throwIfNoEntry: false })?.mtimeMs;
    return touched !== undefined && readFileClock(this.#folder) - touched < FOREIGN_PATIENCE_MS;
  }
}

/** One lease file. It is touched regularly, as a sign of life for processes in other pid namespaces. */
class Lease implements AsyncDisposable {
  readonly #path: string;
  readonly #file: number;
  readonly #beat: NodeJS.Timeout;
  #held = true;

  private constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
    this.#beat = setInterval(() => writeSync(file, '.', 0), BEAT_MS).unref();
  }

  static show(path: string): Lease {
    return new Lease(
      path,
      withStoreErrors('lease store', path, () => openSync(path, 'wx', 0o600)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#held) return;
    this.#held = false;
    clearInterval(this.#beat);
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }
}

function leasesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => parseOwner(KIND, name) !== undefined);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function inUse(leases: number): MkimageError {
  const builds = leases === 1 ? 'a build or load is' : `${leases} builds or loads are`;
  return new MkimageError('in-use', `collect garbage: ${builds} running`, { hint: 'try again when it has ended' });
}
