/** `moby.buildkit.v1.frontend.LLBBridge`: a client that leads its build asks the frontend, and returns what it wants. */
import type { IncomingHttpHeaders } from 'node:http2';
import { MkimageError } from '../../../errors.ts';
import { formatWholePlatform } from '../../../oci/index.ts';
import { defineResult } from '../frontend/results.ts';
import type { FrontendRun, MadeImage } from '../frontend/run.ts';
import { type Failure, type Methods, unary } from '../grpc/service.ts';
import { Nothing } from './build-messages.ts';
import { FRONTEND_CAPABILITIES, LLB_CAPABILITIES } from './capabilities.ts';
import type { ClientBuild } from './client-build.ts';
import type { ControlMeans } from './control-methods.ts';
import { toFailure } from './failures.ts';
import {
  createCapabilities,
  EvaluateRequest,
  FrontendRequest,
  FrontendResponse,
  PongResponse,
  Result,
  ReturnRequest,
} from './gateway-messages.ts';
import { checkFrontend } from './refuse-unsupported.ts';
import { answerQuestion } from './subrequests.ts';
import { describeWorker } from './worker.ts';

const BRIDGE = '/moby.buildkit.v1.frontend.LLBBridge/';
const BUILD = 'buildkit-controlapi-buildid';

type Response = ReturnType<typeof FrontendResponse.decode>;

export function createGatewayMethods(means: ControlMeans): Methods {
  const find = (headers: IncomingHttpHeaders): Promise<ClientBuild> => means.builds.find(String(headers[BUILD] ?? ''));
  return new Map([
    [
      `${BRIDGE}Ping`,
      unary(Nothing, PongResponse, async (_nothing, { headers }) => {
        await find(headers);
        return {
          frontendCapabilities: createCapabilities(FRONTEND_CAPABILITIES),
          llbCapabilities: createCapabilities(LLB_CAPABILITIES),
          workers: [describeWorker(means.services.config)],
        };
      }),
    ],
    [
      `${BRIDGE}Solve`,
      unary(FrontendRequest, FrontendResponse, async (request, { headers }) =>
        runFrontend(means, await find(headers), request),
      ),
    ],
    // A result exists only when it is complete.
    [`${BRIDGE}Evaluate`, unary(EvaluateRequest, Nothing, async () => ({}))],
    [
      `${BRIDGE}Return`,
      unary(ReturnRequest, Nothing, async (request, { headers }) => {
        (await find(headers)).giveResult(request);
        return {};
      }),
    ],
  ]);
}

async function runFrontend(
  means: ControlMeans,
  build: ClientBuild,
  request: FrontendRequest,
): Promise<Response | Failure> {
  try {
    refuseInputs(request);
    checkFrontend(request.frontend, request.options.get('source'));
    const run = await build.open(means, request);
    try {
      return await answerWith(means, { build, run }, request);
    } catch (error) {
      await run[Symbol.asyncDispose]();
      throw error;
    }
  } catch (error) {
    return toFailure(error);
  }
}

function refuseInputs({ definition, sourcePolicies }: FrontendRequest): void {
  if (sourcePolicies.some((policy) => policy.length > 0))
    throw new MkimageError('unsupported', 'build: policies for sources are not supported');
  if ((definition?.operations.length ?? 0) > 0)
    throw new MkimageError('unsupported', 'build: definitions in LLB are not supported');
}

async function answerWith(
  means: ControlMeans,
  { build, run }: { readonly build: ClientBuild; readonly run: FrontendRun },
  request: FrontendRequest,
): Promise<Response> {
  const question = request.options.get('requestid') ?? '';
  if (question !== '') {
    const metadata = await answerQuestion(run, question);
    await run[Symbol.asyncDispose]();
    return FrontendResponse.create({ result: Result.create({ metadata }) });
  }
  const image = await run.make();
  const id = means.results.add(image.target.digest);
  build.keep(id, run);
  return FrontendResponse.create({ result: createResult(id, image) });
}

/** Several platforms: clients want a reference for each, and the list of platforms. */
function createResult(id: string, { images }: MadeImage): Result {
  const ref = { id, definition: defineResult(id) };
  if (images.length === 1) return Result.create({ ref });
  const named = images.map(({ platform }) => [formatWholePlatform(platform), platform] as const);
  const platforms = { Platforms: named.map(([ID, Platform]) => ({ ID, Platform })) };
  return Result.create({
    refs: { refs: new Map(named.map(([key]) => [key, ref])) },
    metadata: new Map([['refs.platforms', Buffer.from(JSON.stringify(platforms))]]),
  });
}
