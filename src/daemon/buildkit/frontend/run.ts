/** One run of the frontend: files of the client in, an image in the store, outputs back to the client. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { BuildFileAnswer, BuildResult, Question } from '../../../api/index.ts';
import type { EngineCall } from '../../../engine/call.ts';
import type { Services } from '../../../engine/services.ts';
import { MkimageError } from '../../../errors.ts';
import { createOwnedName, removeTreeAsync } from '../../../host/index.ts';
import type { SolveRequest } from '../control/build-messages.ts';
import { createDeferred } from '../control/deferred.ts';
import type { ProgressReporter } from '../control/progress.ts';
import { createCredentials, createSecrets } from '../session/provided.ts';
import { sendFile, sendFolder } from '../session/send-files.ts';
import type { Session } from '../session/session.ts';
import type { Sessions } from '../session/sessions.ts';
import { describeExports, type PlannedOutput, planOutputs } from './outputs.ts';
import { type Prepared, prepare, type Wishes } from './prepare.ts';
import type { Results } from './results.ts';
import { ServedFiles } from './served-files.ts';

export interface RunSetup extends Pick<Wishes, 'attributes' | 'inputs'> {
  readonly services: Services;
  readonly sessions: Sessions;
  readonly results: Results;
  readonly progress: ProgressReporter;
  readonly solve: SolveRequest;
  /** The context, if it came with the request of the build; absent: the session has it. */
  readonly upload?: Readable | undefined;
  /** Aborted when nobody waits for the result any more. */
  readonly signal: AbortSignal;
}

export type MadeImage = Parameters<NonNullable<EngineCall['beforeOutputs']>>[0];

/** Owns the folder of a run, its lease on the store, and the build that runs in it. */
export class FrontendRun implements AsyncDisposable {
  readonly #setup: RunSetup;
  readonly #session: Session;
  readonly #folder: string;
  readonly #lease: AsyncDisposable;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #mayExport = createDeferred<void>();
  #outputs: readonly PlannedOutput[] = [];
  #building: Promise<BuildResult> | undefined;

  private constructor(setup: RunSetup, session: Session, lease: AsyncDisposable) {
    this.#setup = setup;
    this.#session = session;
    this.#lease = lease;
    this.#signal = AbortSignal.any([setup.signal, session.closed, this.#stop.signal]);
    this.#folder = join(setup.services.folder('temporary'), createOwnedName('client-build'));
    mkdirSync(this.#folder, { mode: 0o700 });
    this.#signal.addEventListener('abort', () => this.#mayExport.reject(createCancelError()), { once: true });
  }

  /** Waits for the session of the client. Throws `not-found`, `cancelled`. */
  static async open(setup: RunSetup): Promise<FrontendRun> {
    const session = await setup.sessions.find(setup.solve.session, setup.signal);
    return new FrontendRun(setup, session, await setup.services.store.lease());
  }

  /** Builds. The outputs wait for `finish`. Throws as `build` of the engine. */
  async make(): Promise<MadeImage> {
    this.#outputs = planOutputs(this.#setup.solve, this.#folder);
    const { request, call } = await this.#prepare(false);
    const { build } = await import('../../../engine/build/build.ts');
    const made = createDeferred<MadeImage>();
    this.#building = build(this.#setup.services, request, {
      ...this.#createCall(call),
      beforeOutputs: (image) => {
        made.resolve(image);
        return this.#mayExport.promise;
      },
    });
    this.#building.catch(made.reject);
    return await made.promise;
  }

  /** Writes the outputs and sends to the client what is for it. Returns what the client is told of the image. */
  async finish(): Promise<Map<string, string>> {
    this.#mayExport.resolve();
    const result = await this.#building!;
    this.#setup.progress.warnOfFile(result.warnings, result.file, 'load/build-file');
    for (const output of this.#outputs) await this.#send(output);
    return describeExports(this.#outputs, result);
  }

  /** Answers a question about the build file, without building. */
  async ask(question: Question): Promise<BuildFileAnswer> {
    const { request, call } = await this.#prepare(true);
    const { askBuildFile } = await import('../../../engine/authoring/ask-build-file.ts');
    return askBuildFile(this.#setup.services, { question, build: request }, this.#createCall(call));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#building?.catch(() => {});
    await removeTreeAsync(this.#folder);
    await this.#lease[Symbol.asyncDispose]();
  }

  #prepare(namesOnly: boolean): Promise<Prepared> {
    const { services, results, progress, attributes, inputs, solve, upload } = this.#setup;
    const find = (directory: string) => this.#findSession(directory);
    const folder = this.#folder;
    const signal = this.#signal;
    const files = new ServedFiles({ find, progress, signal, folder });
    const wishes = { attributes, inputs, solve, outputs: this.#outputs.map(({ spec }) => spec), namesOnly };
    return prepare(wishes, { files, find, results, root: services.config.root, folder, signal, upload });
  }

  /** Targets of one `bake` share the session that serves their directories. */
  #findSession(directory: string): Promise<Session> {
    const other = this.#setup.attributes.get(`local-sessionid:${directory}`);
    if (other === undefined || other === this.#session.id) return Promise.resolve(this.#session);
    return this.#setup.sessions.find(other, this.#signal);
  }

  /** The client's build sees nothing of the environment of this process. */
  #createCall(prepared: Prepared['call']): EngineCall {
    const { progress, services } = this.#setup;
    return {
      ...prepared,
      env: {},
      signal: this.#signal,
      report: progress.report,
      log: services.config.log,
      secrets: createSecrets(this.#session),
      findCredentials: createCredentials(this.#session),
    };
  }

  async #send({ sent, exporter, spec }: PlannedOutput): Promise<void> {
    if (sent === undefined) return;
    const send = sent.kind === 'file' ? sendFile : sendFolder;
    const what = sent.kind === 'file' ? 'tarball' : 'files';
    await this.#setup.progress.showWork(`send/${exporter}`, `sending ${what} (${spec.type})`, () =>
      send(this.#session, sent.path, { exporter, signal: this.#signal }),
    );
  }
}

function createCancelError(): MkimageError {
  return new MkimageError('cancelled', 'cancelled: nobody waits for the build any more');
}
