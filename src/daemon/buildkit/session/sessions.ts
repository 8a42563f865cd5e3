import { MkimageError } from '../../../errors.ts';
import type { Session } from './session.ts';

/** How long a build waits for a session that it names: both come on connections of their own, in any order. */
const PATIENCE = 30_000;

interface Waiting {
  readonly settle: (session: Session) => void;
}

/** Owns the sessions of all clients. */
export class Sessions implements Disposable {
  readonly #sessions = new Map<string, Session>();
  readonly #waiting = new Map<string, Set<Waiting>>();

  has(id: string): boolean {
    return this.#sessions.has(id);
  }

  /** Keeps the session until its client goes. A second one with its ID would be another client, and is refused. */
  add(session: Session): void {
    if (this.#sessions.has(session.id)) {
      session[Symbol.dispose]();
      throw new MkimageError('in-use', `open session \`${session.id}\`: there is one with this ID`);
    }
    this.#sessions.set(session.id, session);
    session.closed.addEventListener('abort', () => this.#sessions.delete(session.id), { once: true });
    for (const { settle } of this.#waiting.get(session.id) ?? []) settle(session);
  }

  /** Waits for a session. Throws `not-found` if it does not come, `cancelled`. */
  find(id: string, signal: AbortSignal): Promise<Session> {
    const session = this.#sessions.get(id);
    if (session !== undefined) return Promise.resolve(session);
    return new Promise((settle, fail) => {
      const patience = AbortSignal.timeout(PATIENCE);
      const either = AbortSignal.any([signal, patience]);
      const waiting = { settle };
      const all = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, all.add(waiting));
      const giveUp = () => {
        all.delete(waiting);
        if (all.size === 0) this.#waiting.delete(id);
        fail(patience.aborted ? createMissingError(id) : new MkimageError('cancelled', 'cancelled'));
      };
      if (either.aborted) giveUp();
      else either.addEventListener('abort', giveUp, { once: true });
    });
  }

  [Symbol.dispose](): void {
    for (const session of this.#sessions.values()) session[Symbol.dispose]();
  }
}

function createMissingError(id: string): MkimageError {
  return new MkimageError('not-found', `find session \`${id}\`: no client has opened it`);
}
