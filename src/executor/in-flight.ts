/** Running work, by key: two stages with the same step do it once. */
export class InFlight<T> {
  readonly #running = new Map<string, Promise<T>>();

  /** Starts the work unless it is running already. `first` is true for the caller that started it. */
  async once(key: string, start: () => Promise<T>): Promise<{ readonly value: T; readonly first: boolean }> {
    const running = this.#running.get(key);
    if (running) return { value: await running, first: false };
    const begun = start();
    this.#running.set(key, begun);
    try {
      return { value: await begun, first: true };
    } finally {
      this.#running.delete(key);
    }
  }
}
