import type { Writable } from 'node:stream';
import { inspectContainer } from '../../engine/containers/inspect.ts';
import { removeContainer } from '../../engine/containers/remove.ts';
import { type AttachedContainer, startAttached } from '../../engine/containers/start.ts';
import type { Services } from '../../engine/services.ts';
import type { Call } from '../../progress.ts';

/** A client that has attached to a container before its start. */
export interface EarlyClient {
  readonly hasInput: boolean;
  /** Returns a promise while the client cannot take more. */
  write(stream: 'stdin' | 'stdout' | 'stderr', bytes: Buffer): Promise<void> | undefined;
  /** The container runs; `input` is undefined if it has none. */
  begin(input: Writable | undefined): void;
  /** All output is written, or the container could not be started. */
  end(): void;
}

/** How many endings are kept for clients that ask after the container has removed itself. */
const MOST_ENDINGS = 1000;

/** The runs of containers that this daemon has started. It reads their output from the first byte on. */
export class Runs {
  readonly #services: Services;
  readonly #early = new Map<string, Set<EarlyClient>>();
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #codes = new Map<string, { readonly code: number; readonly mark: number }>();
  #mark = 0;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Registers a client for the next start. Returns a function that removes it. */
  attachEarly(id: string, client: EarlyClient): () => void {
    const clients = this.#early.get(id) ?? new Set();
    this.#early.set(id, clients.add(client));
    return () => {
      clients.delete(client);
      if (clients.size === 0 && this.#early.get(id) === clients) this.#early.delete(id);
    };
  }

  /** Starts a container. Returns false if it runs already. */
  async start(text: string, call: Call): Promise<boolean> {
    const { Id: id, State, HostConfig } = await inspectContainer(this.#services, text, { size: false });
    if (State.Running && !State.Paused) return false;
    const clients = this.#early.get(id) ?? new Set<EarlyClient>();
    try {
      const listener = (stream: 'stdin' | 'stdout' | 'stderr', bytes: Buffer) => writeToAll(clients, stream, bytes);
      const hasInput = [...clients].some((client) => client.hasInput);
      const run = await startAttached(this.#services, { container: id, listener, hasInput }, call);
      this.#early.delete(id);
      this.#follow(run, clients);
    } catch (error) {
      this.#early.delete(id);
      for (const client of clients) client.end();
      if (HostConfig.AutoRemove === true) await this.#removeFailed(id);
      throw error;
    }
    return true;
  }

  /** Tells later endings from earlier ones. */
  get mark(): number {
    return this.#mark;
  }

  /** The exit code of a run that this daemon started and that ended after the mark; undefined: there is none. */
  async codeOf(id: string, mark: number): Promise<number | undefined> {
    await this.#running.get(id)?.catch(() => {});
    const found = this.#codes.get(id);
    return found !== undefined && found.mark > mark ? found.code : undefined;
  }

  /** Clients wait until a container that removes itself has gone, also if it could not be started. */
  async #removeFailed(id: string): Promise<void> {
    await removeContainer(this.#services, { container: id, force: true, volumes: true }).catch(() => {});
  }

  #follow(run: AttachedContainer, clients: ReadonlySet<EarlyClient>): void {
    const ended = run.exited.then(({ exitCode }) => this.#keepCode(run.id, exitCode));
    this.#running.set(run.id, ended);
    const finish = () => {
      if (this.#running.get(run.id) === ended) this.#running.delete(run.id);
      for (const client of clients) client.end();
    };
    ended.then(finish, finish);
    for (const client of clients) client.begin(client.hasInput ? run.input : undefined);
  }

  #keepCode(id: string, code: number): void {
    this.#codes.delete(id);
    this.#mark++;
    this.#codes.set(id, { code, mark: this.#mark });
    const [oldest] = this.#codes.keys();
    if (this.#codes.size > MOST_ENDINGS && oldest !== undefined) this.#codes.delete(oldest);
  }
}

function writeToAll(
  clients: ReadonlySet<EarlyClient>,
  stream: 'stdin' | 'stdout' | 'stderr',
  bytes: Buffer,
): Promise<void> | undefined {
  const slow = [...clients].map((client) => client.write(stream, bytes)).filter((each) => each !== undefined);
  return slow.length === 0 ? undefined : Promise.all(slow).then(() => {});
}
