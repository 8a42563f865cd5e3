/** The context of the lowering of one instruction, without the state of its stage. */
import type { Instruction, Range, Word } from '../../instructions/index.ts';
import type { ConfigStep, FileSource } from '../build-plan.ts';
import type { PlanRequest } from '../request.ts';
import type { Report } from '../rules/rule.ts';
import { checkUndefinedVar } from '../rules/undefined-var.ts';
import { expand } from '../words/expand.ts';
import type { Meter } from '../words/meter.ts';
import type { Scope } from '../words/scope.ts';
import { createConfigHistory } from './build-history.ts';
import { type StageState, withStep } from './stage-state.ts';

export interface Lowering {
  readonly request: PlanRequest;
  readonly globals: Scope;
  /** The range of the instruction; for a trigger, the range of the FROM. */
  readonly range: Range;
  readonly onbuild: boolean;
  readonly report: Report;
  readonly meter: Meter;
  /** True if a finding should suggest a similar name. False after many findings, because the search is slow. */
  readonly shouldGuess: () => boolean;
  /** The source of COPY --from, or of `from=` of each mount; undefined if it is not set. */
  readonly sources: readonly (FileSource | undefined)[];
}

/** Evaluates a word and reports variables that are not set. Throws a Fault. */
export function evaluateWord(word: Word, state: StageState, lowering: Lowering): string {
  const { value, unmatched } = expand(word, state.scope);
  if (word.parts.some(({ kind }) => kind === 'variable')) lowering.meter.addValue(value);
  if (unmatched.size === 0) return value;
  const known = { scope: state.scope, args: state.args, guesses: lowering.shouldGuess() };
  checkUndefinedVar(unmatched, known, lowering);
  return value;
}

/** Adds the step of an instruction that changes only the config. */
export function addConfigStep(
  state: StageState,
  lowering: Lowering,
  { instruction, createdBy }: { readonly instruction: Pick<Instruction, 'source'>; readonly createdBy: string },
): StageState {
  const step: ConfigStep = {
    kind: 'config',
    ...createStepBase(instruction.source, lowering),
    history: createConfigHistory(createdBy),
  };
  return withStep(state, step);
}

/** Common members of all steps, except `history`. */
export function createStepBase(name: string, { range, onbuild }: Lowering) {
  return { name: onbuild ? `ONBUILD ${name}` : name, range, onbuild };
}
