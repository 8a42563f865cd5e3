import type { LintStage } from '../lint-file.ts';
import { Memory } from './memory.ts';
import { hasCommand, type RunCommand } from './run-commands.ts';

/**
 * True if a variable is set for the command: directly, by ENV or ARG of its stage, or by `export` or an assignment in the same
 * RUN. The position in the stage or RUN is not compared. `isMeant`: whether the value, as written, counts.
 */
export function isVariableSet(
  name: string,
  { stage, run, command }: RunCommand,
  matches: (value: string) => boolean = () => true,
): boolean {
  const isIt = (text: string) => text.startsWith(`${name}=`) && matches(text.slice(name.length + 1));
  if (command.assignments.some(isIt)) return true;
  const inScript = hasCommand(run, `sets ${name}`, ({ args, assignments }) => {
    return assignments.some(isIt) || args.some(({ text }) => isIt(text));
  });
  return inScript || results.recall(stage, name, () => isSetInStage(name, stage, matches));
}

const results = new Memory<LintStage, boolean>();

/** True if the stage or one of its base stages sets the variable. An ARG without a value counts, because the user passes one. */
function isSetInStage(name: string, stage: LintStage, isMeant: (value: string) => boolean): boolean {
  for (let at: LintStage | undefined = stage; at; at = at.base) {
    const isSet = at.source.instructions.some((instruction) => {
      if (instruction.kind === 'env') {
        return instruction.pairs.some(({ key, value }) => key.raw === name && isMeant(value.raw));
      }
      if (instruction.kind !== 'arg') return false;
      return instruction.args.some((arg) => arg.name === name && (arg.value === undefined || isMeant(arg.value.raw)));
    });
    if (isSet) return true;
  }
  return false;
}
