import { rm as removeFolder } from 'node:fs';
import { promisify } from 'node:util';

/** Not from fs/promises: that loads five modules of Node's own, and every build would wait for them. */
const rm = promisify(removeFolder);

/** Removes what steps leave while the build goes on, so that the next step need not wait for it. */
export class Sweep {
  readonly #removals: Promise<void>[] = [];
  readonly #failures: unknown[] = [];

  remove(folder: string): void {
    const removal = rm(folder, { recursive: true, force: true });
    this.#removals.push(removal.catch((error) => void this.#failures.push(error)));
  }

  /** Waits for all of it, and throws if something is still there. */
  async finish(): Promise<void> {
    await Promise.all(this.#removals);
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}
