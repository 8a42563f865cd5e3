/** A list of things to dispose together, last one first. */
export class Disposals {
  readonly #held: (() => void | Promise<void> | PromiseLike<void>)[] = [];

  use<T extends AsyncDisposable>(thing: T): T {
    this.#held.push(() => thing[Symbol.asyncDispose]());
    return thing;
  }

  defer(end: () => void): void {
    this.#held.push(end);
  }

  /** Disposes everything, also if one disposal fails. Then throws the first failure. */
  async dispose(): Promise<void> {
    const failures: unknown[] = [];
    for (let end = this.#held.pop(); end; end = this.#held.pop()) {
      try {
        await end();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
