/** What the author wants to hear of: `# check=…` as BuildKit reads it, and the comments that hadolint reads. */
import type { BuildFile, Instruction } from '../instructions/index.ts';
import {
  type CheckOptions,
  Fault,
  fileCheckOptions,
  mergeCheckOptions,
  NO_CHECK_OPTIONS,
  optionsInComment,
  type PlanRequest,
  type Rule,
} from '../plan/index.ts';
import { codesOf } from './hadolint-codes.ts';

type Commented = Pick<Instruction, 'comments'>;

export interface Skips {
  /** Options and comments together; for mkimage's own checks. */
  isWanted(rule: Rule, instruction: Commented): boolean;
  /** hadolint's comments alone: BuildKit's checks have heard of the options already. */
  isIgnored(rule: Rule, instruction: Commented): boolean;
}

export function createSkips(
  file: BuildFile,
  text: string,
  request: Pick<PlanRequest, 'buildArgs' | 'allChecks'>,
): Skips {
  const options = readOptions(file, request);
  const everywhere = globallyIgnored(text);
  const isIgnored = (rule: Rule, { comments }: Commented) =>
    namesOf(rule).some((name) => everywhere.has(name) || comments.some((comment) => ignoredBy(comment.text).has(name)));
  const isWanted = (rule: Rule, instruction: Commented) =>
    isOn(rule, optionsAbove(options, instruction)) && !isIgnored(rule, instruction);
  return { isIgnored, isWanted };
}

/** Options that cannot be read are the plan's to complain about. */
function readOptions(file: BuildFile, request: Pick<PlanRequest, 'buildArgs' | 'allChecks'>): CheckOptions {
  try {
    return fileCheckOptions(file, request);
  } catch (error) {
    if (error instanceof Fault) return NO_CHECK_OPTIONS;
    throw error;
  }
}

function optionsAbove(options: CheckOptions, { comments }: Commented): CheckOptions {
  const more = comments.map(({ text }) => optionsInComment(text)).find((found) => found !== undefined);
  return more === undefined ? options : mergeCheckOptions(options, more);
}

/** Unlike BuildKit's experimental checks, one that was asked for can still be skipped. */
function isOn(rule: Rule, { skip, experimental }: CheckOptions): boolean {
  const isNamed = (names: ReadonlySet<string>) => namesOf(rule).some((name) => names.has(name));
  if (skip === 'all' || isNamed(skip)) return false;
  return !rule.experimental || experimental === 'all' || isNamed(experimental);
}

function namesOf(rule: Rule): readonly string[] {
  return [rule.name, ...codesOf(rule)];
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
