/** One build of a client, from `Control.Solve` to its answer. The calls that belong to it come on other streams. */
import { MkimageError } from '../../../errors.ts';
import { FrontendRun, type RunSetup } from '../frontend/run.ts';
import type { SolveRequest } from './build-messages.ts';
import { createDeferred } from './deferred.ts';
import type { FrontendRequest, Result, ReturnRequest } from './gateway-messages.ts';
import { ProgressReporter } from './progress.ts';
import { StatusFeed } from './status-feed.ts';

type Means = Pick<RunSetup, 'services' | 'sessions' | 'results'>;

type Opening = Pick<FrontendRequest, 'options' | 'inputs'> & Pick<RunSetup, 'upload'>;

/** Owns the runs of the frontend that the client asked for. */
export class ClientBuild implements AsyncDisposable {
  readonly feed = new StatusFeed();
  readonly #ref: string;
  readonly #announced = createDeferred<SolveRequest>();
  readonly #returned = createDeferred<ReturnRequest>();
  readonly #stop = new AbortController();
  readonly #runs = new Map<string, FrontendRun>();
  readonly #reporters: ProgressReporter[] = [];

  constructor(ref: string) {
    this.#ref = ref;
  }

  /** What the client sent with `Control.Solve`. Other calls may come before it, and wait. */
  get request(): Promise<SolveRequest> {
    return this.#announced.promise;
  }

  /** The result that the client wants, or its error. */
  get returned(): Promise<ReturnRequest> {
    return this.#returned.promise;
  }

  announce(request: SolveRequest): void {
    this.#announced.resolve(request);
  }

  /** Ends what waits for a client that has gone. */
  abandon(why: MkimageError): void {
    this.#announced.reject(why);
    this.#returned.reject(why);
    this.#stop.abort();
  }

  giveResult(result: ReturnRequest): void {
    this.#returned.resolve(result);
  }

  /** Starts the frontend. */
  async open(means: Means, { options, inputs, upload }: Opening): Promise<FrontendRun> {
    const solve = await this.request;
    const { services } = means;
    const scope = `${this.#ref} ${this.#reporters.length}`;
    const progress = new ProgressReporter(this.feed, scope, services.config.clock);
    this.#reporters.push(progress);
    const { signal } = this.#stop;
    return await FrontendRun.open({ ...means, attributes: options, inputs, solve, progress, signal, upload });
  }

  /** Keeps a run whose image is complete, until the client says which one it wants. */
  keep(id: string, run: FrontendRun): void {
    this.#runs.set(id, run);
  }

  /** The run whose result the client returned; undefined: it wants none. Throws `not-found` for one that is not there. */
  findRun(result: Result | undefined): FrontendRun | undefined {
    const ids = result === undefined ? [] : listRefs(result);
    if (ids.length === 0) return undefined;
    const run = ids.map((id) => this.#runs.get(id)).find((each) => each !== undefined);
    if (run !== undefined) return run;
    throw new MkimageError('not-found', `return result: there is no result \`${ids[0]}\` in this build`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#runs.values()].map((run) => run[Symbol.asyncDispose]()));
    for (const reporter of this.#reporters) reporter.close('canceled');
    this.feed.end();
  }
}

function listRefs({ oldRef, ref, refs }: Result): readonly string[] {
  const many = [...(refs?.refs.values() ?? [])].flatMap((each) => each?.id ?? []);
  return [ref?.id ?? '', oldRef, ...many].filter((id) => id !== '');
}
