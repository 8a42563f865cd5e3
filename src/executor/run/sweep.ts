import { removeTreeAsync } from '../../host/index.ts';

/** Removes the folders of finished steps in the background, so that the next step need not wait. */
export class Sweep {
  readonly #removals: Promise<void>[] = [];
  readonly #failures: unknown[] = [];

  remove(folder: string): void {
    this.#removals.push(removeTreeAsync(folder).catch((error) => void this.#failures.push(error)));
  }

  /** Waits for all removals, and throws if one failed. */
  async finish(): Promise<void> {
    await Promise.all(this.#removals);
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}
