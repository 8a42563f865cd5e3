/** What SOURCE_DATE_EPOCH takes its time from where it is no number: a context, or a stage that fetches one thing. */

import type { Add, Arg, BuildFile } from '../../instructions/index.ts';
import { checkChecksum } from '../lower/copy-flags.ts';
import type { PlanRequest } from '../request.ts';
import { expand } from '../words/expand.ts';
import { Fault } from '../words/fault.ts';
import { growingMap } from '../words/growing.ts';
import { didYouMean } from '../words/nearest.ts';
import { type Scope, withVariable } from '../words/scope.ts';
import { automaticArgs, buildArg, evaluateGlobals } from './global-args.ts';
import { classifySource } from './remote-source.ts';
import { replacement } from './source.ts';
import { type StageSource, splitStages } from './stage.ts';

const NAME = 'SOURCE_DATE_EPOCH';

export type EpochSource =
  /** '' is the main context. */
  | { readonly kind: 'context'; readonly context: string }
  /** An image, or nothing: neither has a time. */
  | { readonly kind: 'timeless' }
  | { readonly kind: 'http'; readonly url: string; readonly checksum: string | undefined }
  | {
      readonly kind: 'git';
      readonly url: string;
      readonly checksum: string | undefined;
      readonly keepGitDir: boolean;
    };

/** The text of SOURCE_DATE_EPOCH, if it is a name. */
export function namedEpoch({ buildArgs }: Pick<PlanRequest, 'buildArgs'>, globals: Scope): string | undefined {
  const text = buildArg(buildArgs, NAME) ?? globals.get(NAME) ?? '';
  return text === '' || /^[+-]?\d+$/.test(text) ? undefined : text;
}

/** Where the time is to be looked up before there can be a plan. undefined: nowhere, or the plan will say what is wrong. */
export function epochSource(file: BuildFile, request: PlanRequest): EpochSource | undefined {
  const { globals, stages } = splitStages(file);
  const isDeclared = globals.some(({ args }) => args.some(({ name }) => name === NAME));
  if (!isDeclared && buildArg(request.buildArgs, NAME) === undefined) return undefined;
  try {
    const automatic = automaticArgs(request, request.target ?? stages.at(-1)?.name);
    const { scope } = evaluateGlobals(automatic, globals, request.buildArgs);
    const name = namedEpoch(request, scope);
    return name === undefined ? undefined : sourceNamed(name, stages, scope, request);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** The main context, a named one, or a stage, in this order. Throws a Fault. */
export function sourceNamed(
  name: string,
  stages: readonly StageSource[],
  globals: Scope,
  request: PlanRequest,
): EpochSource {
  if (name === 'context') return { kind: 'context', context: '' };
  const named = replacement(name, request.platform, request);
  if (named) return named.kind === 'context' ? named : { kind: 'timeless' };
  const stage = stages.find((each) => each.name === name.toLowerCase());
  if (stage) return stageSource(stage, globals, request);
  const names = [...stages.flatMap((each) => each.name ?? []), ...Object.keys(request.contexts), 'context'];
  throw new Fault('invalid-epoch', `invalid ${NAME}: ${name}`, {
    hint: didYouMean(name, names) ?? 'give seconds since 1970, `context`, or the name of a context or stage',
  });
}

/** `FROM scratch`, ARGs, and one ADD of something from the net. */
function stageSource({ from, instructions }: StageSource, globals: Scope, request: PlanRequest): EpochSource {
  let scope: Scope = growingMap([...globals].filter(([name]) => name !== NAME));
  const refuse = (why: string, range = from.range) =>
    new Fault('invalid-epoch', `${NAME} stage ${why}`, {
      range,
      hint: 'it holds `FROM scratch`, and one ADD of a URL or repository',
    });
  if (expand(from.image, scope).value !== 'scratch') throw refuse('must use FROM scratch');
  let source: EpochSource | undefined;
  for (const instruction of instructions) {
    if (instruction.kind === 'arg') scope = withArgs(instruction, scope, request.buildArgs);
    else if (instruction.kind !== 'add') {
      throw refuse(`does not take ${instruction.keyword.toUpperCase()}`, instruction.range);
    } else {
      const found = source === undefined ? addedSource(instruction, scope) : undefined;
      if (found === undefined) throw refuse('must contain exactly one remote ADD', instruction.range);
      source = found;
    }
  }
  if (source === undefined) throw refuse('must contain exactly one remote ADD');
  return source;
}

function withArgs({ args }: Arg, before: Scope, buildArgs: PlanRequest['buildArgs']): Scope {
  return args.reduce((scope, { name, value }) => {
    const given = buildArg(buildArgs, name) ?? (value && expand(value, scope).value);
    return given === undefined ? scope : withVariable(scope, name, given);
  }, before);
}

function addedSource({ sources, checksum, keepGitDir }: Add, scope: Scope): EpochSource | undefined {
  const [only, second] = sources;
  if (only?.kind !== 'path' || second !== undefined) return undefined;
  const url = expand(only.word, scope).value;
  const classified = classifySource(url);
  const sum = checksum && (expand(checksum, scope).value || undefined);
  if (sum !== undefined) checkChecksum(sum, [url]);
  if (classified.kind === 'http') return { kind: 'http', url, checksum: sum };
  return classified.kind === 'git' ? { kind: 'git', url, checksum: sum, keepGitDir: keepGitDir ?? false } : undefined;
}
