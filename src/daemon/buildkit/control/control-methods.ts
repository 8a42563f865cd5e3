/** `moby.buildkit.v1.Control`. */
import type { Services } from '../../../engine/services.ts';
import { MkimageError } from '../../../errors.ts';
import type { Results } from '../frontend/results.ts';
import { duplex, Failure, type Methods, type ServerCall, serverStream, unary } from '../grpc/service.ts';
import { toByteStream } from '../session/byte-stream.ts';
import { BytesMessage } from '../session/messages.ts';
import { readSessionHeaders, Session } from '../session/session.ts';
import type { Sessions } from '../session/sessions.ts';
import {
  InfoResponse,
  Nothing,
  SolveRequest,
  SolveResponse,
  StatusRequest,
  StatusResponse,
  WorkersRequest,
  WorkersResponse,
} from './build-messages.ts';
import type { ClientBuild } from './client-build.ts';
import type { ClientBuilds } from './client-builds.ts';
import { toFailure } from './failures.ts';
import { refuseUnsupported } from './refuse-unsupported.ts';
import { describeWorker, VERSION } from './worker.ts';

export interface ControlMeans {
  readonly services: Services;
  readonly sessions: Sessions;
  readonly builds: ClientBuilds;
  readonly results: Results;
}

const CONTROL = '/moby.buildkit.v1.Control/';

export function createControlMethods(means: ControlMeans): Methods {
  const { services, builds } = means;
  return new Map([
    [
      `${CONTROL}ListWorkers`,
      unary(WorkersRequest, WorkersResponse, async () => ({ records: [describeWorker(services.config)] })),
    ],
    [`${CONTROL}Info`, unary(Nothing, InfoResponse, async () => ({ version: VERSION }))],
    [`${CONTROL}Solve`, unary(SolveRequest, SolveResponse, (request, call) => solve(means, request, call))],
    [
      `${CONTROL}Status`,
      serverStream(StatusRequest, StatusResponse, async ({ ref }, { send, signal }) => {
        const build = await builds.find(ref);
        for await (const report of build.feed.read(signal)) await send(report);
        return undefined;
      }),
    ],
    [
      `${CONTROL}Session`,
      duplex(BytesMessage, BytesMessage, async ({ headers, messages, send, signal }) => {
        const described = readSessionHeaders(headers);
        if (described === undefined) throw new MkimageError('usage', 'open session: it has no ID');
        const connection = toByteStream({ messages, send });
        signal.addEventListener('abort', () => connection.destroy(), { once: true });
        const session = new Session(described, connection);
        means.sessions.add(session);
        await new Promise<void>((settle) => {
          if (session.closed.aborted) settle();
          session.closed.addEventListener('abort', () => settle(), { once: true });
        });
      }),
    ],
  ]);
}

/** A client that goes away cancels its build. */
async function solve(means: ControlMeans, request: SolveRequest, { signal }: ServerCall): Promise<Read | Failure> {
  await using build = await means.builds.begin(request);
  const cancel = () => build.abandon(new MkimageError('cancelled', 'cancelled: the client has gone'));
  signal.addEventListener('abort', cancel, { once: true });
  try {
    refuseUnsupported(request);
    return await (request.frontend === '' ? finishReturned(build) : solveHere(means, build, request));
  } catch (error) {
    return toFailure(error);
  } finally {
    signal.removeEventListener('abort', cancel);
    means.builds.end(request.ref);
  }
}

type Read = ReturnType<typeof SolveResponse.decode>;

/** The client leads the build: it asks the frontend itself, and returns a result or an error. */
async function finishReturned(build: ClientBuild): Promise<Read | Failure> {
  const { result, error } = await build.returned;
  if (error !== undefined && error.code !== 0) return new Failure(error);
  const run = build.findRun(result);
  return { exporterResponse: run === undefined ? new Map() : await run.finish() };
}

async function solveHere(means: ControlMeans, build: ClientBuild, request: SolveRequest): Promise<Read> {
  await using run = await build.open(means, { options: request.attributes, inputs: request.inputs });
  await run.make();
  const exporterResponse = await run.finish();
  return { exporterResponse };
}
