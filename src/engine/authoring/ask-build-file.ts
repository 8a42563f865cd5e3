/**
 * `--call=check|outline|targets`: answers about a build file without building it. Uses no network and no layers, and
 * only contexts on this machine.
 */
import type { AskRequest, BuildFileAnswer, BuildRequest } from '../../api/index.ts';
import { ignoreMatch, parseIgnoreFile } from '../../context/index.ts';
import { completePlatform, formatPlatform, matchPlatform } from '../../oci/index.ts';
import {
  type Asking,
  type BaseAnswer,
  type BaseRequest,
  checkBuildFile,
  createOutline,
  findNeededSteps,
  listTargets,
  type PlanRequest,
  toCheckDiagnostics,
  toCheckJson,
  toOutlineJson,
  toTargetsJson,
} from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import {
  type BuildInputs,
  buildFileError,
  checkSources,
  findLayoutContexts,
  type LayoutContexts,
  layoutImage,
  openBuildInputs,
  parseRemembered,
  planRequest,
  readIgnoreFile,
  settlePlan,
} from '../build/index.ts';
import type { EngineCall } from '../call.ts';
import { lookUpImage } from '../images/index.ts';
import type { Services } from '../services.ts';

/** Throws `build-file` for a file that cannot be parsed, `not-found` and `usage` as `build` does. */
export async function askBuildFile(
  services: Services,
  { question, build: request }: AskRequest,
  call: EngineCall,
): Promise<BuildFileAnswer> {
  await using inputs = await openBuildInputs(services, request, call);
  const parsed = await parseRemembered(inputs.file.bytes, services);
  if (parsed.diagnostics.some(({ severity }) => severity === 'error')) throw buildFileError(inputs, parsed.diagnostics);
  const file = { name: inputs.file.name, text: Buffer.from(inputs.file.bytes).toString('utf8') };
  if (question === 'targets') {
    return { question, file, unknownBases: [], json: toTargetsJson(listTargets(parsed), file) };
  }
  const layouts = await findLayoutContexts(request, call.cwd);
  const circumstances = circumstancesOf(services, request, inputs, layouts);
  const asked = { services, layouts, call };
  if (question === 'check') {
    const { outcome: checked, unknownBases } = await withKnownBases(asked, checkBuildFile(parsed, circumstances));
    const { outcome: steps } = await withKnownBases(asked, findNeededSteps(parsed, circumstances));
    const missing = await checkSources(steps, inputs, request, call);
    const result = { ...checked, errors: [...checked.errors, ...missing] };
    const json = toCheckJson(result, file);
    return { question, file, unknownBases, json, result, diagnostics: toCheckDiagnostics(result) };
  }
  const { outcome, unknownBases } = await withKnownBases(asked, createOutline(parsed, circumstances));
  if (outcome.kind === 'errors') throw buildFileError(inputs, outcome.diagnostics);
  return { question, file, unknownBases, json: toOutlineJson(outcome.outline, file) };
}

/** Returns what a build knows in addition to its build file, as far as this is known without a context. */
export function circumstancesOf(
  services: Services,
  request: BuildRequest,
  inputs: BuildInputs,
  layouts: LayoutContexts,
): PlanRequest {
  const platform =
    request.platform === undefined
      ? services.config.platform
      : completePlatform(request.platform, services.config.platform);
  const isIgnored = ignoredPaths(request, inputs);
  return { ...planRequest(services, request, platform, layouts), ...(isIgnored === undefined ? {} : { isIgnored }) };
}

function ignoredPaths(request: BuildRequest, inputs: BuildInputs): ((path: string) => boolean) | undefined {
  return request.context.kind === 'directory' ? ignoredIn(inputs.place, inputs.file.path) : undefined;
}

/**
 * Checks paths against the ignore file of a context, if there is one. Returns nothing if the file has exceptions
 * (`!`), because then a path alone does not decide.
 */
export function ignoredIn(context: string, buildFile: string | undefined): ((path: string) => boolean) | undefined {
  const ignoreFile = readIgnoreFile(context, buildFile);
  const hasExceptions = ignoreFile?.text.split('\n').some((line) => line.trimStart().startsWith('!'));
  if (ignoreFile === undefined || hasExceptions) return undefined;
  const rules = parseIgnoreFile(ignoreFile.text, ignoreFile.name);
  return (path) => ignoreMatch(rules, path) !== undefined;
}

interface Asked {
  /** undefined: there is no store, so no base is known. */
  readonly services: Services | undefined;
  readonly layouts: LayoutContexts;
  readonly call: Call;
}

/** Provides the bases that the store has. */
export async function withKnownBases<Outcome>(
  { services, layouts, call }: Asked,
  asking: Asking<Outcome>,
): Promise<{ readonly outcome: Outcome; readonly unknownBases: readonly string[] }> {
  const unknown = new Set<string>();
  const outcome = await settlePlan(asking, async (bases) => {
    const found = new Map<string, BaseAnswer>();
    for (const wanted of bases) {
      const answer = await storedBase(services, layouts, wanted, call);
      found.set(wanted.key, answer);
      if (answer.kind === 'failure') unknown.add(wanted.reference);
    }
    return found;
  });
  return { outcome, unknownBases: [...unknown] };
}

/** An image that is stored for another platform only is not used, because the build would use another image. */
async function storedBase(
  services: Services | undefined,
  layouts: LayoutContexts,
  { reference, platform }: BaseRequest,
  call: Call,
): Promise<BaseAnswer> {
  if (services === undefined) return { kind: 'failure', message: 'no local store exists' };
  const layout = layouts.get(reference);
  if (layout !== undefined) {
    return { kind: 'image', image: await layoutImage(services, reference, layout, platform, call) };
  }
  if (services.store.resolve(reference) === undefined) {
    return { kind: 'failure', message: `\`${reference}\` is not in the local store` };
  }
  const { image } = await lookUpImage(services, reference, { platform, pull: false }, call);
  if (matchPlatform([{ platform: image.config }], platform)) return { kind: 'image', image };
  return { kind: 'failure', message: `\`${reference}\` is not in the local store for ${formatPlatform(platform)}` };
}
