/** Checks of working directories. */
import type { Add, Copy, Instruction } from '../../instructions/index.ts';
import { type LintStage, listWithTriggers } from '../lint-file.ts';
import { type LintRule, pageOf } from '../rule.ts';
import type { RunScript } from '../run-script.ts';
import { createCommandHit, listRunCommands } from './run-commands.ts';

export const CdInRun: LintRule = {
  name: 'CdInRun',
  code: 'DL3003',
  description: 'Change the directory with WORKDIR',
  url: pageOf('CdInRun'),
  *find(file) {
    let done: RunScript | undefined;
    for (const where of listRunCommands(file)) {
      const { command, script } = where;
      // In a subshell, `cd` has a limited scope, which WORKDIR cannot express.
      if (command.name !== 'cd' || command.before === '(' || script === done) continue;
      done = script;
      yield createCommandHit(where, '`cd` ends with this `RUN`: change the directory with `WORKDIR`');
    }
  },
};

export const CopyToRelativePath: LintRule = {
  name: 'CopyToRelativePath',
  code: 'DL3045',
  description: 'Set WORKDIR before a COPY to a relative path',
  url: pageOf('CopyToRelativePath'),
  *find({ stages }) {
    const withDirectory = new Set<LintStage>();
    for (const stage of stages) {
      let isSet = stage.base !== undefined && withDirectory.has(stage.base);
      for (const instruction of listWithTriggers(stage.source.instructions)) {
        if (instruction.kind === 'workdir') isSet = true;
        if (isSet || !isCopy(instruction) || !isRelative(instruction)) continue;
        const target = instruction.destination.raw;
        const detail = `\`${target}\` is relative to the working directory of the base image: set \`WORKDIR\` before`;
        yield { instruction, detail, range: instruction.destination.range };
      }
      if (isSet) withDirectory.add(stage);
    }
  },
};

function isCopy(instruction: Instruction): instruction is Copy | Add {
  return instruction.kind === 'copy' || instruction.kind === 'add';
}

/** A Windows drive makes a path absolute. A path that starts with a variable is not reported. */
function isRelative({ destination }: Copy | Add): boolean {
  return !/^["']*(?:[/\\$]|[A-Za-z]:[/\\])/.test(destination.raw);
}
