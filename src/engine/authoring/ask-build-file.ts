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
  checkSources,
  createPlanRequest,
  findLayoutContexts,
  importLayoutImage,
  type LayoutContexts,
  openBuildInputs,
  parseWithMemo,
  readIgnoreFile,
  settlePlan,
  toBuildFileError,
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
  const parsed = await parseWithMemo(inputs.file.bytes, services);
  if (parsed.diagnostics.some(({ severity }) => severity === 'error'))
    throw toBuildFileError(inputs, parsed.diagnostics);
  const file = { name: inputs.file.name, text: Buffer.from(inputs.file.bytes).toString('utf8') };
  if (question === 'targets') {
    return { question, file, unknownBases: [], json: toTargetsJson(listTargets(parsed), file) };
  }
  const layouts = await findLayoutContexts(request, call.cwd);
  const circumstances = collectCircumstances(services, request, { inputs, layouts });
  const asked = { services, layouts, call };
  if (question === 'check') {
    const { outcome: checked, unknownBases } = await settleWithKnownBases(asked, checkBuildFile(parsed, circumstances));
    const { outcome: steps } = await settleWithKnownBases(asked, findNeededSteps(parsed, circumstances));
    const missing = await checkSources(steps, { inputs, request }, call);
    const result = { ...checked, errors: [...checked.errors, ...missing] };
    const json = toCheckJson(result, file);
    return { question, file, unknownBases, json, result, diagnostics: toCheckDiagnostics(result) };
  }
  const { outcome, unknownBases } = await settleWithKnownBases(asked, createOutline(parsed, circumstances));
  if (outcome.kind === 'errors') throw toBuildFileError(inputs, outcome.diagnostics);
  return { question, file, unknownBases, json: toOutlineJson(outcome.outline, file) };
}

/** Returns what a build knows in addition to its build file, as far as this is known without a context. */
export function collectCircumstances(
  services: Services,
  request: BuildRequest,
  { inputs, layouts }: { readonly inputs: BuildInputs; readonly layouts: LayoutContexts },
): PlanRequest {
  const [wanted = {}] = request.platforms;
  const platform = completePlatform(wanted, services.config.platform);
  const isIgnored = compileIgnoreRules(request, inputs);
  return {
    ...createPlanRequest(services, request, { platform, layouts }),
    ...(isIgnored === undefined ? {} : { isIgnored }),
  };
}

function compileIgnoreRules(request: BuildRequest, inputs: BuildInputs): ((path: string) => boolean) | undefined {
  return request.context.kind === 'directory' ? compileIgnoreFile(inputs.place, inputs.file.path) : undefined;
}

/**
 * Checks paths against the ignore file of a context, if there is one. Returns nothing if the file has exceptions
 * (`!`), because then a path alone does not decide.
 */
export function compileIgnoreFile(
  context: string,
  buildFile: string | undefined,
): ((path: string) => boolean) | undefined {
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
export async function settleWithKnownBases<Outcome>(
  { services, layouts, call }: Asked,
  asking: Asking<Outcome>,
): Promise<{ readonly outcome: Outcome; readonly unknownBases: readonly string[] }> {
  const unknown = new Set<string>();
  const outcome = await settlePlan(asking, async (bases) => {
    const found = new Map<string, BaseAnswer>();
    for (const wanted of bases) {
      const answer = await findStoredBase(services, { layouts, wanted }, call);
      found.set(wanted.key, answer);
      if (answer.kind === 'failure') unknown.add(wanted.reference);
    }
    return found;
  });
  return { outcome, unknownBases: [...unknown] };
}

/** An image that is stored for another platform only is not used, because the build would use another image. */
async function findStoredBase(
  services: Services | undefined,
  { layouts, wanted: { reference, platform } }: { readonly layouts: LayoutContexts; readonly wanted: BaseRequest },
  call: Call,
): Promise<BaseAnswer> {
  if (services === undefined) return { kind: 'failure', message: 'no local store exists' };
  const layout = layouts.get(reference);
  if (layout !== undefined) {
    return { kind: 'image', image: await importLayoutImage(services, { reference, layout, platform }, call) };
  }
  if (services.store.resolve(reference) === undefined) {
    return { kind: 'failure', message: `\`${reference}\` is not in the local store` };
  }
  const { image } = await lookUpImage(services, { text: reference, platform, pull: false }, call);
  if (matchPlatform([{ platform: image.config }], platform)) return { kind: 'image', image };
  return { kind: 'failure', message: `\`${reference}\` is not in the local store for ${formatPlatform(platform)}` };
}
