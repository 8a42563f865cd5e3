/** What the lowering of one instruction has at hand besides the state of its stage. */
import type { Instruction, Range, Word } from '../../instructions/index.ts';
import type { ConfigStep, FileSource } from '../build-plan.ts';
import type { PlanRequest } from '../request.ts';
import type { Report } from '../rules/rule.ts';
import { checkUndefinedVar } from '../rules/undefined-var.ts';
import { expand } from '../words/expand.ts';
import type { Meter } from '../words/meter.ts';
import type { Scope } from '../words/scope.ts';
import { configHistory } from './build-history.ts';
import { type StageState, withStep } from './stage-state.ts';

export interface Lowering {
  readonly request: PlanRequest;
  readonly globals: Scope;
  /** Of the instruction; of the FROM for a trigger. */
  readonly range: Range;
  readonly onbuild: boolean;
  readonly report: Report;
  readonly meter: Meter;
  /** Whether a finding should say what may have been meant: not after so many that nobody reads them. */
  readonly guesses: () => boolean;
  /** What COPY --from, or each mount's `from=`, stands for; undefined where nothing is named. */
  readonly sources: readonly (FileSource | undefined)[];
}

/** The value of a word in this stage; variables that are not set are reported. Throws a Fault. */
export function wordValue(word: Word, state: StageState, lowering: Lowering): string {
  const { value, unmatched } = expand(word, state.scope);
  if (word.parts.some(({ kind }) => kind === 'variable')) lowering.meter.addValue(value);
  if (unmatched.size === 0) return value;
  const known = { scope: state.scope, args: state.args, guesses: lowering.guesses() };
  checkUndefinedVar(unmatched, known, lowering.range, lowering.report);
  return value;
}

/** Ends an instruction that changed only the config. */
export function configured(
  state: StageState,
  instruction: Pick<Instruction, 'source'>,
  createdBy: string,
  lowering: Lowering,
): StageState {
  const step: ConfigStep = {
    kind: 'config',
    ...stepBase(instruction.source, lowering),
    history: configHistory(createdBy),
  };
  return withStep(state, step);
}

/** The members that all steps have but `history`. */
export function stepBase(name: string, { range, onbuild }: Lowering) {
  return { name: onbuild ? `ONBUILD ${name}` : name, range, onbuild };
}
