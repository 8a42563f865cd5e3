/** Which checks the author has disabled: by `# check=…`, as BuildKit reads it, or by hadolint's comments. */
import type { BuildFile, Instruction } from '../instructions/index.ts';
import {
  type CheckOptions,
  Fault,
  mergeCheckOptions,
  NO_CHECK_OPTIONS,
  type PlanRequest,
  type Rule,
  readCheckComment,
  readFileCheckOptions,
} from '../plan/index.ts';
import { codesOf } from './hadolint/codes.ts';
import type { LintSettings } from './hadolint/settings.ts';

type Commented = Pick<Instruction, 'comments'>;

export interface Skips {
  /** Considers options, settings and comments. For mkimage's own checks. */
  isWanted(rule: Rule, names: readonly string[], instruction: Commented): boolean;
  /** Considers hadolint's settings and comments only. For BuildKit's checks, which have already applied the options. */
  isIgnored(names: readonly string[], instruction: Commented | undefined): boolean;
}

/** In the returned functions, `names` are the name of a check and its hadolint codes. */
export function createSkips(
  file: BuildFile,
  text: string,
  {
    request,
    settings,
  }: { readonly request: Pick<PlanRequest, 'buildArgs' | 'allChecks'>; readonly settings: LintSettings },
): Skips {
  const options = readOptions(file, request);
  const everywhere = settings.disableIgnorePragma ? new Set() : readGlobalIgnores(text);
  const isIgnored = (names: readonly string[], instruction: Commented | undefined) => {
    if (names.some((name) => settings.ignored.has(name) || everywhere.has(name))) return true;
    if (settings.disableIgnorePragma || instruction === undefined) return false;
    return instruction.comments.some(({ text }) => {
      const ignored = readIgnoreComment(text);
      return names.some((name) => ignored.has(name));
    });
  };
  const isWanted = (rule: Rule, names: readonly string[], instruction: Commented) =>
    isOn(rule, names, { options: mergeOptionsAbove(options, instruction), settings }) && !isIgnored(names, instruction);
  return { isIgnored, isWanted };
}

/** Ignores invalid options here, because the plan reports them. */
function readOptions(file: BuildFile, request: Pick<PlanRequest, 'buildArgs' | 'allChecks'>): CheckOptions {
  try {
    return readFileCheckOptions(file, request);
  } catch (error) {
    if (error instanceof Fault) return NO_CHECK_OPTIONS;
    throw error;
  }
}

function mergeOptionsAbove(options: CheckOptions, { comments }: Commented): CheckOptions {
  const more = comments.map(({ text }) => readCheckComment(text)).find((found) => found !== undefined);
  return more === undefined ? options : mergeCheckOptions(options, more);
}

/** Unlike in BuildKit, an enabled experimental check can still be skipped. Setting a level for a check enables it. */
function isOn(
  rule: Rule,
  names: readonly string[],
  {
    options: { skip, experimental },
    settings: { levels },
  }: { readonly options: CheckOptions; readonly settings: LintSettings },
): boolean {
  const isNamed = (list: ReadonlySet<string>) => names.some((name) => list.has(name));
  if (skip === 'all' || isNamed(skip)) return false;
  if (!rule.experimental || experimental === 'all' || isNamed(experimental)) return true;
  return names.some((name) => levels.has(name));
}

/** The names of a check: its own name and its hadolint codes. For one finding, only the code of that finding. */
export function namesOf(rule: Rule, code?: string): readonly string[] {
  return [rule.name, ...(code === undefined ? codesOf(rule) : [code])];
}

/** Names in a comment `hadolint ignore=DL3008,DL3009`. */
function readIgnoreComment(comment: string): ReadonlySet<string> {
  return parseNames(/^\s*hadolint\s+ignore\s*=\s*([\w\s,]+)/.exec(comment)?.[1]);
}

function readGlobalIgnores(text: string): ReadonlySet<string> {
  const lines = text.matchAll(/^[ \t]*#[ \t]*hadolint[ \t]+global[ \t]+ignore[ \t]*=[ \t]*([\w \t,]+)/gm);
  return new Set([...lines].flatMap(([, names]) => [...parseNames(names)]));
}

function parseNames(names: string | undefined): ReadonlySet<string> {
  return new Set((names ?? '').split(/[\s,]+/).filter((name) => name !== ''));
}
