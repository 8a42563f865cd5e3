/** The source of the time if SOURCE_DATE_EPOCH is not a number: a context, or a stage that fetches one URL or repository. */

import type { Add, Arg, BuildFile } from '../../instructions/index.ts';
import { checkChecksum } from '../lower/copy-flags.ts';
import type { PlanRequest } from '../request.ts';
import { expand } from '../words/expand.ts';
import { Fault } from '../words/fault.ts';
import { createGrowingMap } from '../words/growing-collections.ts';
import { type Scope, withVariable } from '../words/scope.ts';
import { suggestNearest } from '../words/suggestion.ts';
import { createAutomaticArgs, evaluateGlobals, findBuildArg } from './global-args.ts';
import { classifySource } from './remote-source.ts';
import { findReplacement } from './source.ts';
import { type StageSource, splitStages } from './stage.ts';

const NAME = 'SOURCE_DATE_EPOCH';

export type EpochSource =
  /** '' is the main context. */
  | { readonly kind: 'context'; readonly context: string }
  /** An image or scratch: they have no time. */
  | { readonly kind: 'timeless' }
  | { readonly kind: 'http'; readonly url: string; readonly checksum: string | undefined }
  | {
      readonly kind: 'git';
      readonly url: string;
      readonly checksum: string | undefined;
      readonly keepGitDir: boolean;
    };

/** The value of SOURCE_DATE_EPOCH if it is a name and not a number. */
export function findEpochName({ buildArgs }: Pick<PlanRequest, 'buildArgs'>, globals: Scope): string | undefined {
  const text = findBuildArg(buildArgs, NAME) ?? globals.get(NAME) ?? '';
  return text === '' || /^[+-]?\d+$/.test(text) ? undefined : text;
}

/** The source whose time the caller must read before it creates the plan. undefined: none, or invalid (the plan reports the error). */
export function findEpochSource(file: BuildFile, request: PlanRequest): EpochSource | undefined {
  const { globals, stages } = splitStages(file);
  const isDeclared = globals.some(({ args }) => args.some(({ name }) => name === NAME));
  if (!isDeclared && findBuildArg(request.buildArgs, NAME) === undefined) return undefined;
  try {
    const automatic = createAutomaticArgs(request, request.target ?? stages.at(-1)?.name);
    const { scope } = evaluateGlobals(automatic, globals, request.buildArgs);
    const name = findEpochName(request, scope);
    return name === undefined ? undefined : resolveEpochName(name, request, { stages, globals: scope });
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

interface EpochScope {
  readonly stages: readonly StageSource[];
  readonly globals: Scope;
}

/** Searches the main context, named contexts and stages, in this order. Throws a Fault. */
export function resolveEpochName(name: string, request: PlanRequest, { stages, globals }: EpochScope): EpochSource {
  if (name === 'context') return { kind: 'context', context: '' };
  const named = findReplacement(name, request.platform, request);
  if (named) return named.kind === 'context' ? named : { kind: 'timeless' };
  const stage = stages.find((each) => each.name === name.toLowerCase());
  if (stage) return readStageSource(stage, globals, request);
  const names = [...stages.flatMap((each) => each.name ?? []), ...Object.keys(request.contexts), 'context'];
  throw new Fault('invalid-epoch', `invalid ${NAME}: ${name}`, {
    hint: suggestNearest(name, names) ?? 'give seconds since 1970, `context`, or the name of a context or stage',
  });
}

/** Reads a stage of `FROM scratch`, ARGs, and one ADD of a URL or repository. Throws a Fault. */
function readStageSource({ from, instructions }: StageSource, globals: Scope, request: PlanRequest): EpochSource {
  let scope: Scope = createGrowingMap([...globals].filter(([name]) => name !== NAME));
  const refuse = (why: string, range = from.range) =>
    new Fault('invalid-epoch', `${NAME} stage ${why}`, {
      range,
      hint: 'write `FROM scratch` and one ADD of a URL or repository',
    });
  if (expand(from.image, scope).value !== 'scratch') throw refuse('must use FROM scratch');
  let source: EpochSource | undefined;
  for (const instruction of instructions) {
    if (instruction.kind === 'arg') scope = withArgs(instruction, scope, request.buildArgs);
    else if (instruction.kind !== 'add') {
      throw refuse(`does not take ${instruction.keyword.toUpperCase()}`, instruction.range);
    } else {
      const found = source === undefined ? readAddSource(instruction, scope) : undefined;
      if (found === undefined) throw refuse('must contain exactly one remote ADD', instruction.range);
      source = found;
    }
  }
  if (source === undefined) throw refuse('must contain exactly one remote ADD');
  return source;
}

function withArgs({ args }: Arg, before: Scope, buildArgs: PlanRequest['buildArgs']): Scope {
  return args.reduce((scope, { name, value }) => {
    const given = findBuildArg(buildArgs, name) ?? (value && expand(value, scope).value);
    return given === undefined ? scope : withVariable(scope, name, given);
  }, before);
}

function readAddSource({ sources, checksum, keepGitDir }: Add, scope: Scope): EpochSource | undefined {
  const [only, second] = sources;
  if (only?.kind !== 'path' || second !== undefined) return undefined;
  const url = expand(only.word, scope).value;
  const classified = classifySource(url);
  const sum = checksum && (expand(checksum, scope).value || undefined);
  if (sum !== undefined) checkChecksum(sum, [url]);
  if (classified.kind === 'http') return { kind: 'http', url, checksum: sum };
  return classified.kind === 'git' ? { kind: 'git', url, checksum: sum, keepGitDir: keepGitDir ?? false } : undefined;
}
