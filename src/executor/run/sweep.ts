import { removeTreeAsync } from '../../host/index.ts';

/** Removes what steps leave while the build goes on, so that the next step need not wait for it. */
export class Sweep {
  readonly #removals: Promise<void>[] = [];
  readonly #failures: unknown[] = [];

  remove(folder: string): void {
    this.#removals.push(removeTreeAsync(folder).catch((error) => void this.#failures.push(error)));
  }

  /** Waits for all of it, and throws if something is still there. */
  async finish(): Promise<void> {
    await Promise.all(this.#removals);
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}
