import { StatusResponse } from './build-messages.ts';

/** How many reports are kept for clients that come later. */
const MOST_KEPT = 20_000;

/** The progress of one build. Clients read it from the beginning, whenever they come. */
export class StatusFeed {
  readonly #reports: StatusResponse[] = [];
  readonly #wakers = new Set<() => void>();
  #dropped = 0;
  #isEnded = false;

  add(report: Partial<StatusResponse>): void {
    if (this.#isEnded) return;
    this.#reports.push(StatusResponse.create(report));
    if (this.#reports.length > MOST_KEPT) {
      this.#reports.shift();
      this.#dropped += 1;
    }
    this.#wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  async *read(signal: AbortSignal): AsyncGenerator<StatusResponse, void> {
    for (let at = this.#dropped; !signal.aborted; ) {
      at = Math.max(at, this.#dropped);
      const report = this.#reports[at - this.#dropped];
      if (report !== undefined) {
        at += 1;
        yield report;
      } else if (this.#isEnded) return;
      else await this.#wait(signal);
    }
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((settle) => {
      const wake = () => {
        this.#wakers.delete(wake);
        signal.removeEventListener('abort', wake);
        settle();
      };
      this.#wakers.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}
