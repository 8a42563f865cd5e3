/**
 * `mkimage build`: turns text into a plan, the plan into layers, and the layers into an image in the store and in the
 * outputs.
 */

import type { BuildRequest, BuildResult, OutputSpec } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { executePlan } from '../../executor/index.ts';
import type { BuildFile, Diagnostic } from '../../instructions/index.ts';
import { completePlatform, type Platform } from '../../oci/index.ts';
import type { BuildPlan } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import type { EngineCall } from '../call.ts';
import { nameImage, saveImage } from '../images/index.ts';
import type { Services } from '../services.ts';
import { withBlame, withMending } from '../state/index.ts';
import { buildSecrets, checkSecrets } from './build-secrets.ts';
import { refusedSteps } from './entitlements.ts';
import { executorServices } from './executor-services.ts';
import { type BuiltImage, checkOutputs, exportOutputs, outputEpoch, outputNames } from './export-outputs.ts';
import { faultyFileError } from './inputs/build-file-error.ts';
import { type BuildInputs, openBuildInputs } from './inputs/build-inputs.ts';
import { parseRemembered } from './inputs/parse-memo.ts';
import { planBuild } from './plan-build.ts';

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

async function buildNow(services: Services, request: BuildRequest, call: EngineCall): Promise<BuildResult> {
  const { outputs: specs, tags: names } = request;
  checkOutputs(specs, call.cwd);
  checkSecrets(request, call);
  const secrets = buildSecrets(request, call);
  await using _lease = await services.store.lease();
  await using inputs = await openBuildInputs(services, request, call);
  refusePolicy(inputs.file, request);
  const file = await readInstructions(services, inputs);
  const platform =
    request.platform === undefined
      ? services.config.platform
      : completePlatform(request.platform, services.config.platform);
  const planning = await planned(services, request, inputs, file, platform, call);
  const plan = { ...planning.plan, epoch: outputEpoch(specs) ?? planning.plan.epoch };
  const working = executorServices(services, request, { inputs, plan, secrets });
  const make = async () => {
    const built = await locateErrors(inputs, () => executePlan(plan, working, call));
    inputs.save();
    const image = saveImage(services.store, built);
    if (names.length > 0 || request.outputs.length === 0) await nameImage(services.store, names, image.manifest);
    return { ...image, built, names, platform: plan.platform };
  };
  const write = (image: BuiltImage) => exportOutputs(services, request, image, call);
  const { image, outputs } = await madeAndWritten(services, specs, make, write, call);
  const { name } = inputs.file;
  return {
    config: image.config.digest,
    manifest: image.manifest,
    platform: plan.platform,
    names: [...new Set([...names, ...outputNames(specs)])],
    outputs,
    warnings: planning.warnings,
    file: { name, text: textOf(inputs) },
  };
}

/**
 * Makes the image and writes it to the outputs. If stored data is damaged, removes it and tries again; but bytes that
 * went to a stream cannot be withdrawn, so writing is not repeated.
 */
async function madeAndWritten<I, O>(
  services: Services,
  specs: readonly OutputSpec[],
  make: () => Promise<I>,
  write: (image: I) => Promise<O>,
  call: Call,
): Promise<{ readonly image: I; readonly outputs: O }> {
  if (specs.some((spec) => 'dest' in spec && spec.dest === '-')) {
    const image = await withMending(services, make, call);
    return { image, outputs: await withBlame(services, () => write(image), call) };
  }
  const all = async () => {
    const image = await make();
    return { image, outputs: await write(image) };
  };
  return withMending(services, all, call);
}

/** A policy restricts the sources of a build. Ignoring it would violate it, so the build is refused. */
function refusePolicy({ policy }: BuildInputs['file'], { skipsPolicy }: BuildRequest): void {
  if (policy === undefined || skipsPolicy) return;
  throw new MkimageError('unsupported', `read policy \`${policy}\`: policies for sources are not supported`, {
    hint: 'to build without it, use `--policy disabled=true`',
  });
}

/** Returns the instructions, or throws all errors of the build file. */
async function readInstructions(services: Services, inputs: BuildInputs): Promise<BuildFile> {
  const file = await parseRemembered(inputs.file.bytes, services);
  if (file.diagnostics.some(({ severity }) => severity === 'error')) throw buildFileError(inputs, file.diagnostics);
  return file;
}

async function planned(
  services: Services,
  request: BuildRequest,
  inputs: BuildInputs,
  file: BuildFile,
  platform: Platform,
  call: EngineCall,
): Promise<{ readonly plan: BuildPlan; readonly warnings: readonly Diagnostic[] }> {
  const outcome = await planBuild(services, request, inputs, file, platform, call);
  if (outcome.kind === 'errors') throw buildFileError(inputs, outcome.diagnostics);
  const refused = refusedSteps(outcome.plan, request);
  if (refused.length > 0) throw buildFileError(inputs, refused);
  return { plan: outcome.plan, warnings: outcome.diagnostics };
}

export function buildFileError(inputs: Pick<BuildInputs, 'file'>, diagnostics: readonly Diagnostic[]): MkimageError {
  return faultyFileError({ name: inputs.file.name, text: textOf(inputs) }, diagnostics);
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
