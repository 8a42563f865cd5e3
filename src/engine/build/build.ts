/**
 * `mkimage build`: turns text into a plan, the plan into layers, and the layers into an image in the store and in the
 * outputs.
 */

import type { BuildRequest, BuildResult } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { type ExecutorServices, executePlan, type StageResult } from '../../executor/index.ts';
import type { BuildFile, Diagnostic } from '../../instructions/index.ts';
import { mergePlans, type WorkPlan } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import type { EngineCall } from '../call.ts';
import { nameImage, type SavedImage, saveImage } from '../images/index.ts';
import type { Services } from '../services.ts';
import { BaseLayers } from './bases/base-layers.ts';
import { checkSecrets, openSecrets } from './build-secrets.ts';
import type { ExportedBuild } from './cache/export-caches.ts';
import { fetchRemoteLayers, isKept } from './cache/fetch-remote-layers.ts';
import { addInlineCache } from './cache/inline-cache.ts';
import { BuildJournal } from './cache/journal.ts';
import { pushWhileBuilding } from './early-push.ts';
import { checkEmulators } from './emulators.ts';
import { findRefusedSteps } from './entitlements.ts';
import { createExecutorServices } from './executor-services.ts';
import { checkOutputs, exportOutputs, findOutputEpoch, listResultNames } from './export-outputs.ts';
import { createBuildFileError } from './inputs/build-file-error.ts';
import { type BuildInputs, openBuildInputs } from './inputs/build-inputs.ts';
import { parseWithMemo } from './inputs/parse-memo.ts';
import { refusePolicy } from './inputs/refuse-policy.ts';
import { makeAndWrite } from './make-and-write.ts';
import { type PlanInputs, planBuild } from './plan-build.ts';
import { findTargetPlatforms, refuseIndexForDocker } from './platforms.ts';
import { isPushed, listPushes } from './push-outputs.ts';
import { withCredentials, withSourceSecrets } from './source-secrets.ts';

/**
 * Builds. If a step ran, it then shrinks the cache to its limit. Throws `build-file` with the diagnostics in its
 * details, and the errors of steps, registries and the store.
 */
export async function build(services: Services, request: BuildRequest, call: EngineCall): Promise<BuildResult> {
  let hasWorked = false;
  const report: Call['report'] = (event) => {
    hasWorked ||= event.type === 'step-missed';
    call.report(event);
  };
  try {
    return await buildNow(services, request, { ...call, report });
  } finally {
    if (hasWorked && !call.signal.aborted) await collectQuietly(services, call);
  }
}

/** The image is complete, so a failure to shrink the cache is only a warning. */
async function collectQuietly(services: Services, call: Call): Promise<void> {
  try {
    const { collectAfterBuild } = await import('../state/index.ts');
    await collectAfterBuild(services);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    call.report({ type: 'warning', message: `cannot shrink the build cache: ${why}` });
  }
}

async function buildNow(all: Services, request: BuildRequest, call: EngineCall): Promise<BuildResult> {
  const { outputs: specs, tags: names } = request;
  checkOutputs(specs, call.cwd);
  const pushes = listPushes(request);
  checkSecrets(request, call);
  const targets = findTargetPlatforms(request, all.config.platform);
  refuseIndexForDocker(specs, targets);
  if (request.part) await (await import('./push-parts.ts')).checkPartNames(all, names, call);
  const secrets = openSecrets(request, call);
  const services = withSourceSecrets(withCredentials(all, call), request, { secrets, caller: call });
  await using _lease = await services.store.lease();
  await using inputs = await openBuildInputs(services, request, call);
  refusePolicy(inputs.file, request);
  const file = await readInstructions(services, inputs);
  const layers = new BaseLayers(services, request);
  const planning = await requirePlan(services, { request, inputs, file, targets, layers }, call);
  const plan = { ...planning.plan, epoch: findOutputEpoch(specs) ?? planning.plan.epoch };
  const caches = { plan, journal: new BuildJournal(), shared: await openShared(services, request, call) };
  const circumstances = { platform: targets.platforms[0], secrets, report: call.report, layers };
  const working = createExecutorServices(services, request, { inputs, ...circumstances, ...caches });
  await locateErrors(inputs, () => checkEmulators(services, { plan, working }, call));
  const make = async () => {
    const work: Steps = (inner, layerReady) => executePlan(plan, { ...working, layerReady }, inner);
    const built = await locateErrors(inputs, () => pushWhileBuilding(services, pushes, { work, call }));
    inputs.save();
    await fetchKept(services, request, { built, layers, call });
    const image = saveImage(services.store, addInlineCache(built, request, caches), targets);
    await setNames(services, request, image);
    return image;
  };
  const write = async (image: SavedImage) => {
    const outputs = await exportOutputs(services, { request, image, pushes }, call);
    return request.part ? [...outputs, await pushAsParts(services, { request, image }, call)] : outputs;
  };
  const { image, outputs } = await makeAndWrite(services, { specs, make: askBeforeOutputs(make, call), write }, call);
  await writeCaches(services, request, { build: caches, call });
  return {
    ...describeImage(image),
    names: listResultNames(request),
    outputs,
    warnings: planning.warnings,
    file: { name: inputs.file.name, text: textOf(inputs) },
  };
}

type Steps = (call: EngineCall, layerReady: ExecutorServices['layerReady']) => Promise<readonly StageResult[]>;

/** Asks the caller once, even if the image is made again because stored data was damaged. */
function askBeforeOutputs(make: () => Promise<SavedImage>, call: EngineCall): () => Promise<SavedImage> {
  let asked: Promise<void> | undefined;
  return async () => {
    const image = await make();
    asked = asked ?? call.beforeOutputs?.(describeImage(image));
    await asked;
    return image;
  };
}

/** An output that pushes sets the names to the pushed form. */
async function setNames(services: Services, { tags, outputs }: BuildRequest, { target }: SavedImage): Promise<void> {
  if (outputs.some(isPushed) || (tags.length === 0 && outputs.length > 0)) return;
  await nameImage(services.store, tags, target);
}

interface BuiltImage {
  readonly request: BuildRequest;
  readonly image: SavedImage;
}

async function pushAsParts(services: Services, built: BuiltImage, call: Call): Promise<BuildResult['outputs'][number]> {
  const { pushParts } = await import('./push-parts.ts');
  return { type: 'image', dest: undefined, descriptor: await pushParts(services, built, call) };
}

function describeImage({ images, target, isIndex }: SavedImage): Pick<BuildResult, 'id' | 'target' | 'images'> {
  const describe = ({ platform, config, manifest }: SavedImage['images'][number]) => ({
    platform,
    config: config.digest,
    manifest,
  });
  const [first, ...others] = images;
  return {
    id: isIndex ? target.digest : first.config.digest,
    target,
    images: [describe(first), ...others.map(describe)],
  };
}

/** Fetches the layers of the image that are still in a cache, if somebody can read them. A push finds those of bases by itself. */
async function fetchKept(
  services: Services,
  request: BuildRequest,
  { built, layers, call }: { readonly built: readonly StageResult[]; readonly layers: BaseLayers; readonly call: Call },
): Promise<void> {
  const wanted = built.flatMap(({ chain }) => layers.skipLeft(chain));
  if (isKept(request)) await fetchRemoteLayers(services, wanted, call);
}

async function writeCaches(
  services: Services,
  request: BuildRequest,
  { build, call }: { readonly build: ExportedBuild; readonly call: EngineCall },
): Promise<void> {
  if (request.cacheTo.length === 0) return;
  const { exportCaches } = await import('./cache/export-caches.ts');
  await exportCaches(services, { request, ...build }, call);
}

async function openShared(services: Services, request: BuildRequest, call: EngineCall) {
  if (request.cacheFrom.length === 0) return undefined;
  const { openSharedCache } = await import('./cache/shared-cache.ts');
  return openSharedCache(services, request, call);
}

/** Returns the instructions, or throws all errors of the build file. */
async function readInstructions(services: Services, inputs: BuildInputs): Promise<BuildFile> {
  const file = await parseWithMemo(inputs.file.bytes, services);
  if (file.diagnostics.some(({ severity }) => severity === 'error')) throw toBuildFileError(inputs, file.diagnostics);
  return file;
}

/** Plans all platforms. Most of their warnings are the same ones. */
async function requirePlan(
  services: Services,
  given: PlanInputs,
  call: EngineCall,
): Promise<{ readonly plan: WorkPlan; readonly warnings: readonly Diagnostic[] }> {
  const outcomes = await planBuild(services, given, call);
  const { inputs, request, targets } = given;
  const planned = outcomes.map((outcome) => {
    if (outcome.kind === 'errors') throw toBuildFileError(inputs, outcome.diagnostics);
    const refused = findRefusedSteps(outcome.plan, request);
    if (refused.length > 0) throw toBuildFileError(inputs, refused);
    return outcome;
  });
  const plans = planned.map(({ plan }) => plan);
  const warnings = planned.flatMap(({ diagnostics }) => diagnostics);
  return {
    plan: mergePlans(plans, { showsPlatforms: targets.isIndex }),
    warnings: [...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()],
  };
}

export function toBuildFileError(inputs: Pick<BuildInputs, 'file'>, diagnostics: readonly Diagnostic[]): MkimageError {
  return createBuildFileError({ name: inputs.file.name, text: textOf(inputs) }, diagnostics);
}

/** Adds the build file to errors that have a place in it. */
async function locateErrors<T>(inputs: BuildInputs, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MkimageError) || error.place === undefined) throw error;
    throw error.with({ place: { ...error.place, file: { name: inputs.file.name, text: textOf(inputs) } } });
  }
}

function textOf({ file }: Pick<BuildInputs, 'file'>): string {
  return Buffer.from(file.bytes).toString('utf8');
}
