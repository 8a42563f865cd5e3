/** `--call=check|outline|targets`: what there is to say of a build file without building it. No network, no layers; contexts that are there. */
import type { BuildRequest } from '../../api/index.ts';
import { ignoreMatch, parseIgnoreFile } from '../../context/index.ts';
import type { BuildFile, Diagnostic } from '../../instructions/index.ts';
import { formatPlatform, matchPlatform, wantedPlatform } from '../../oci/index.ts';
import {
  type BaseAnswer,
  type BaseRequest,
  type CheckJson,
  type CheckResult,
  checkBuildFile,
  checkDiagnostics,
  checkJson,
  listTargets,
  neededSteps,
  type OutlineJson,
  outline,
  outlineJson,
  type PlanRequest,
  type TargetsJson,
  targetsJson,
} from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import {
  type BuildInputs,
  buildFileError,
  type Circumstances,
  checkSources,
  findLayoutContexts,
  type LayoutContexts,
  layoutImage,
  openBuildInputs,
  parseRemembered,
  planRequest,
  readIgnoreFile,
  withTriggerParser,
} from '../build/index.ts';
import type { EngineCall } from '../call.ts';
import { lookUpImage } from '../images/index.ts';
import type { Services } from '../services.ts';

export type Question = 'check' | 'outline' | 'targets';

/** `json` is the object that BuildKit's frontend answers with. */
export type BuildFileAnswer = {
  readonly file: { readonly name: string; readonly text: string };
  /** Bases that are not in the store: each counts as an image that sets nothing but PATH. */
  readonly unknownBases: readonly string[];
} & (
  | {
      readonly question: 'check';
      readonly json: CheckJson;
      readonly result: CheckResult;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly question: 'outline'; readonly json: OutlineJson }
  | { readonly question: 'targets'; readonly json: TargetsJson }
);

/** Throws `build-file` for a file that cannot be read as one, `not-found` and `usage` as `build` does. */
export async function askBuildFile(
  services: Services,
  question: Question,
  request: BuildRequest,
  call: EngineCall,
): Promise<BuildFileAnswer> {
  await using inputs = await openBuildInputs(services, request, call);
  const parsed = await parseRemembered(inputs.file.bytes, services.folder('parsed-v1'), services.config.version);
  if (parsed.diagnostics.some(({ severity }) => severity === 'error')) throw buildFileError(inputs, parsed.diagnostics);
  const file = { name: inputs.file.name, text: Buffer.from(inputs.file.bytes).toString('utf8') };
  if (question === 'targets') {
    return { question, file, unknownBases: [], json: targetsJson(listTargets(parsed), file) };
  }
  const layouts = await findLayoutContexts(request, call.cwd);
  const circumstances = circumstancesOf(services, request, inputs, layouts);
  const asked = { services, parsed, circumstances, layouts, call };
  if (question === 'check') {
    const { outcome, unknownBases } = await withKnownBases(asked, checkBuildFile);
    const { outcome: needed } = await withKnownBases(asked, neededSteps);
    const missing = await checkSources(needed.steps, inputs, request, call);
    const result = { ...outcome.result, errors: [...outcome.result.errors, ...missing] };
    const json = checkJson(result, file);
    return { question, file, unknownBases, json, result, diagnostics: checkDiagnostics(result) };
  }
  const { outcome, unknownBases } = await withKnownBases(asked, outline);
  if (outcome.kind === 'errors') throw buildFileError(inputs, outcome.diagnostics);
  return { question, file, unknownBases, json: outlineJson(outcome.outline, file) };
}

/** What a build would know besides its build file, as far as it can be known without a context. */
export function circumstancesOf(
  services: Services,
  request: BuildRequest,
  inputs: BuildInputs,
  layouts: LayoutContexts,
): Circumstances {
  const platform =
    request.platform === undefined
      ? services.config.platform
      : wantedPlatform(request.platform, services.config.platform);
  const isIgnored = ignoredPaths(request, inputs);
  return { ...planRequest(services, request, platform, layouts), ...(isIgnored === undefined ? {} : { isIgnored }) };
}

function ignoredPaths(request: BuildRequest, inputs: BuildInputs): ((path: string) => boolean) | undefined {
  return request.context.kind === 'directory' ? ignoredIn(inputs.place, inputs.file.path) : undefined;
}

/**
 * Judges paths by the ignore file of a context, if there is one; not if it takes paths in again, for then a name alone decides
 * nothing.
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
  readonly parsed: BuildFile;
  readonly circumstances: Circumstances;
  readonly layouts: LayoutContexts;
  readonly call: Call;
}

interface Needs {
  readonly kind: 'needs';
  readonly bases: readonly BaseRequest[];
}

/** Asks again and again, each time with the bases that were wanted before, as far as the store has them. */
export async function withKnownBases<Outcome extends { readonly kind: string }>(
  { services, parsed, circumstances, layouts, call }: Asked,
  ask: (file: BuildFile, request: PlanRequest, bases: ReadonlyMap<string, BaseAnswer>) => Outcome | Needs,
): Promise<{ readonly outcome: Exclude<Outcome, Needs>; readonly unknownBases: readonly string[] }> {
  const bases = new Map<string, BaseAnswer>();
  for (;;) {
    const outcome = await withTriggerParser((parseTrigger) => ask(parsed, { ...circumstances, parseTrigger }, bases));
    if (!isNeeds(outcome)) {
      const unknown = [...bases].filter(([, answer]) => answer.kind === 'failure').map(([key]) => key.split(' ')[0]!);
      return { outcome: outcome as Exclude<Outcome, Needs>, unknownBases: [...new Set(unknown)] };
    }
    for (const wanted of outcome.bases) bases.set(wanted.key, await storedBase(services, layouts, wanted, call));
  }
}

function isNeeds(outcome: { readonly kind: string }): outcome is Needs {
  return outcome.kind === 'needs';
}

/** An image that is stored for another platform only says nothing of the one that a build would use. */
async function storedBase(
  services: Services | undefined,
  layouts: LayoutContexts,
  { reference, platform }: BaseRequest,
  call: Call,
): Promise<BaseAnswer> {
  if (services === undefined) return { kind: 'failure', message: 'there is no local store' };
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
