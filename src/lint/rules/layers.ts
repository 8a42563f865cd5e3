/** Checks for unnecessary layers and for unnecessary files in them. */
import type { Instruction, Run } from '../../instructions/index.ts';
import { type LintStage, listWithTriggers } from '../lint-file.ts';
import { type LintRule, pageOf } from '../rule.ts';

export const ConsecutiveRuns: LintRule = {
  name: 'ConsecutiveRuns',
  code: 'DL3059',
  description: 'Combine consecutive RUN instructions',
  url: pageOf('ConsecutiveRuns'),
  *find({ stages }) {
    for (const stage of stages) {
      const counts = countCommands(stage);
      let before: Run | undefined;
      for (const instruction of stage.source.instructions) {
        if (instruction.kind !== 'run') before = undefined;
        else if (before && flagsOf(before) === flagsOf(instruction) && areSimple(counts, before, instruction)) {
          const detail = 'this `RUN` can be combined with the one before it';
          yield { instruction, detail, range: instruction.range };
        } else before = instruction;
      }
    }
  },
};

/** True if each RUN has exactly one command. An author who chains commands has grouped them on purpose. */
function areSimple(counts: ReadonlyMap<Run, number>, ...instructions: readonly Run[]): boolean {
  return instructions.every((instruction) => counts.get(instruction) === 1);
}

function countCommands({ runs }: LintStage): ReadonlyMap<Run, number> {
  return new Map(
    runs.map(({ instruction, scripts }) => [instruction, scripts.flatMap(({ commands }) => commands).length]),
  );
}

function flagsOf({ mounts, network, security, devices }: Run): string {
  const options = mounts.map((mount) => mount.options.map(({ key, value }) => [key, value?.raw]));
  return JSON.stringify([options, network?.raw, security?.raw, devices.map(({ word }) => word.raw)]);
}

/** A source `.` copies every file that the ignore file does not exclude. */
export const CopyWholeContext: LintRule = {
  name: 'CopyWholeContext',
  code: 'DL4007',
  description: 'Copy only the needed files, not the whole context',
  url: pageOf('CopyWholeContext'),
  experimental: true,
  *find({ stages }) {
    for (const { source } of stages) {
      for (const instruction of listWithTriggers(source.instructions)) {
        if (!copiesEverything(instruction)) continue;
        const detail = 'the whole context is copied, including `.git` and files with secrets';
        yield { instruction, detail, range: instruction.range };
      }
    }
  },
};

function copiesEverything(instruction: Instruction): boolean {
  if (instruction.kind !== 'copy' || instruction.from) return false;
  return instruction.sources.some((source) => source.kind === 'path' && /^["']?\.\/?["']?$/.test(source.word.raw));
}
