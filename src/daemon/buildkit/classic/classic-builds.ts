/** `POST /build?version=2`: one request for a build, whose answer is its progress, and a session for its files. */
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { MkimageError } from '../../../errors.ts';
import { formatFamiliarName, normalizeName, parseReference } from '../../../oci/index.ts';
import { type SolveRequest, StatusResponse } from '../control/build-messages.ts';
import type { ClientBuild } from '../control/client-build.ts';
import type { ControlMeans } from '../control/control-methods.ts';
import { createDeferred, type Deferred } from '../control/deferred.ts';
import { toFailure } from '../control/failures.ts';
import { isTrue, toSolveRequest, UPLOAD } from './query.ts';

/** How long a build waits for its context, and a context for its build. */
const PATIENCE = 30_000;

export interface ClassicRequest {
  readonly query: URLSearchParams;
  /** The body of the request: the context, if no session serves it. */
  readonly body: Readable;
}

export interface ClassicCall {
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
  /** Takes one line of the answer, a JSON object. Resolves when more can be taken. */
  readonly send: (line: object) => Promise<void>;
}

interface Upload {
  readonly body: Deferred<Readable>;
  readonly used: Deferred<void>;
}

/** Owns the contexts that wait for their builds. */
export class ClassicBuilds {
  readonly #means: ControlMeans;
  readonly #uploads = new Map<string, Upload>();
  readonly #running = new Map<string, AbortController>();

  constructor(means: ControlMeans) {
    this.#means = means;
  }

  /** Builds. Failures are lines of the answer, so this throws only `usage`, for a query that cannot be read. */
  async build({ query, body }: ClassicRequest, { signal, send }: ClassicCall): Promise<void> {
    const id = query.get('buildid') ?? '';
    if (id.startsWith(`${UPLOAD}:`)) return this.#takeUpload(id.slice(UPLOAD.length + 1), body, signal);
    const request = toSolveRequest(query, randomUUID());
    const stop = new AbortController();
    this.#running.set(id, stop);
    try {
      const context = query.get('remote') === UPLOAD ? () => this.#findUpload(id, signal) : async () => body;
      const call = { signal: AbortSignal.any([signal, stop.signal]), send };
      await solve(this.#means, { request, context, isQuiet: isTrue(query, 'q') }, call);
    } finally {
      this.#running.delete(id);
      this.#uploads.get(id)?.used.resolve();
      this.#uploads.delete(id);
    }
  }

  /** `POST /build/cancel?id=`. */
  cancel(id: string): void {
    this.#running.get(id)?.abort();
  }

  /** The request that carries a context stays open until the context is read. */
  async #takeUpload(id: string, body: Readable, signal: AbortSignal): Promise<void> {
    const upload = this.#getUpload(id);
    upload.body.resolve(body);
    const giveUp = () => upload.used.resolve();
    signal.addEventListener('abort', giveUp, { once: true });
    await upload.used.promise;
  }

  async #findUpload(id: string, signal: AbortSignal): Promise<Readable> {
    const { body } = this.#getUpload(id);
    const giveUp = () => body.reject(new MkimageError('not-found', 'read context: the client does not send it'));
    AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]).addEventListener('abort', giveUp, { once: true });
    return await body.promise;
  }

  #getUpload(id: string): Upload {
    const upload = this.#uploads.get(id) ?? { body: createDeferred<Readable>(), used: createDeferred<void>() };
    this.#uploads.set(id, upload);
    return upload;
  }
}

interface Solving {
  readonly request: SolveRequest;
  readonly context: () => Promise<Readable>;
  /** The answer is only the ID of the image. */
  readonly isQuiet: boolean;
}

async function solve(means: ControlMeans, solving: Solving, call: ClassicCall): Promise<void> {
  const { send, signal } = call;
  const { request, isQuiet } = solving;
  const build = await means.builds.begin(request);
  const cancel = () => build.abandon(new MkimageError('cancelled', 'cancelled: the client has gone'));
  signal.addEventListener('abort', cancel, { once: true });
  const traced = isQuiet ? undefined : trace(build, call);
  try {
    const lines = await run(means, build, solving).finally(() => build[Symbol.asyncDispose]());
    await traced;
    for (const line of lines) await send(line);
  } catch (error) {
    await traced;
    const { message } = toFailure(error).status;
    await send({ errorDetail: { message }, error: message }).catch(() => {});
  } finally {
    means.builds.end(request.ref);
  }
}

/** Returns the last lines of the answer. */
async function run(
  means: ControlMeans,
  build: ClientBuild,
  { request, context, isQuiet }: Solving,
): Promise<readonly object[]> {
  const needsBody =
    request.attributes.has('context') && request.attributes.get('context')!.startsWith('http://buildkit-');
  const upload = needsBody ? await context() : undefined;
  await using frontend = await build.open(means, { options: request.attributes, inputs: new Map(), upload });
  await frontend.make();
  const exports = await frontend.finish();
  const id = exports.get('containerimage.digest');
  if (isQuiet) return id === undefined ? [] : [{ stream: `${id}\n` }];
  const names = (exports.get('image.name') ?? '').split(',').filter((name) => name !== '');
  return [
    ...(id === undefined ? [] : [{ id: 'moby.image.id', aux: { ID: id } }]),
    ...names.map((name) => ({
      stream: `Successfully tagged ${formatFamiliarName(parseReference(normalizeName(name)))}\n`,
    })),
  ];
}

async function trace(build: ClientBuild, { send, signal }: ClassicCall): Promise<void> {
  try {
    for await (const report of build.feed.read(signal)) {
      const aux = StatusResponse.encode(report).toString('base64');
      await send({ id: 'moby.buildkit.trace', aux });
    }
  } catch {
    // A client that has gone reads nothing; the build is cancelled by its signal.
  }
}
