import type { LintStage } from '../lint-file.ts';
import type { RunCommand } from './run-commands.ts';

/** True if a variable is given to the command, or anywhere before by ENV, ARG, `export` or an assignment. */
export function variableIsSet(name: string, { stage, run, command }: RunCommand): boolean {
  const isIt = (text: string) => text.startsWith(`${name}=`);
  if (command.assignments.some(isIt)) return true;
  const inScript = run.scripts.some(({ commands }) =>
    commands.some(({ args, assignments }) => assignments.some(isIt) || args.some(({ text }) => isIt(text))),
  );
  return inScript || stageSets(name, stage);
}

/** The stage, or one that it is built on. */
function stageSets(name: string, stage: LintStage): boolean {
  const isSet = stage.source.instructions.some((instruction) => {
    if (instruction.kind === 'env') return instruction.pairs.some(({ key }) => key.raw === name);
    return instruction.kind === 'arg' && instruction.args.some((arg) => arg.name === name);
  });
  return isSet || (stage.base !== undefined && stageSets(name, stage.base));
}
