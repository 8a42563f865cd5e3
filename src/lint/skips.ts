/** What the author wants to hear of: `# check=…` as BuildKit reads it, and the comments that hadolint reads. */
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
  /** Options, settings and comments together; for mkimage's own checks. */
  isWanted(rule: Rule, names: readonly string[], instruction: Commented): boolean;
  /** hadolint's settings and comments alone: BuildKit's checks have heard of the options already. */
  isIgnored(names: readonly string[], instruction: Commented | undefined): boolean;
}

/** `names` of a finding are its check's and hadolint's code for it. */
export function createSkips(
  file: BuildFile,
  text: string,
  request: Pick<PlanRequest, 'buildArgs' | 'allChecks'>,
  settings: LintSettings,
): Skips {
  const options = readOptions(file, request);
  const everywhere = settings.disableIgnorePragma ? new Set() : globallyIgnored(text);
  const isIgnored = (names: readonly string[], instruction: Commented | undefined) => {
    if (names.some((name) => settings.ignored.has(name) || everywhere.has(name))) return true;
    if (settings.disableIgnorePragma || instruction === undefined) return false;
    return instruction.comments.some(({ text }) => {
      const ignored = ignoredBy(text);
      return names.some((name) => ignored.has(name));
    });
  };
  const isWanted = (rule: Rule, names: readonly string[], instruction: Commented) =>
    isOn(rule, names, optionsAbove(options, instruction), settings) && !isIgnored(names, instruction);
  return { isIgnored, isWanted };
}

/** Options that cannot be read are the plan's to complain about. */
function readOptions(file: BuildFile, request: Pick<PlanRequest, 'buildArgs' | 'allChecks'>): CheckOptions {
  try {
    return readFileCheckOptions(file, request);
  } catch (error) {
    if (error instanceof Fault) return NO_CHECK_OPTIONS;
    throw error;
  }
}

function optionsAbove(options: CheckOptions, { comments }: Commented): CheckOptions {
  const more = comments.map(({ text }) => readCheckComment(text)).find((found) => found !== undefined);
  return more === undefined ? options : mergeCheckOptions(options, more);
}

/** Unlike BuildKit's experimental checks, one that was asked for can still be skipped. To give it a level is to ask for it. */
function isOn(
  rule: Rule,
  names: readonly string[],
  { skip, experimental }: CheckOptions,
  { levels }: LintSettings,
): boolean {
  const isNamed = (list: ReadonlySet<string>) => names.some((name) => list.has(name));
  if (skip === 'all' || isNamed(skip)) return false;
  if (!rule.experimental || experimental === 'all' || isNamed(experimental)) return true;
  return names.some((name) => levels.has(name));
}

/** A check goes by its name and by hadolint's codes for it, or, for one finding, by the one that is meant. */
export function namesOf(rule: Rule, code?: string): readonly string[] {
  return [rule.name, ...(code === undefined ? codesOf(rule) : [code])];
}

/** `hadolint ignore=DL3008,DL3009`. */
function ignoredBy(comment: string): ReadonlySet<string> {
  return listed(/^\s*hadolint\s+ignore\s*=\s*([\w\s,]+)/.exec(comment)?.[1]);
}

function globallyIgnored(text: string): ReadonlySet<string> {
  const lines = text.matchAll(/^[ \t]*#[ \t]*hadolint[ \t]+global[ \t]+ignore[ \t]*=[ \t]*([\w \t,]+)/gm);
  return new Set([...lines].flatMap(([, names]) => [...listed(names)]));
}

function listed(names: string | undefined): ReadonlySet<string> {
  return new Set((names ?? '').split(/[\s,]+/).filter((name) => name !== ''));
}
