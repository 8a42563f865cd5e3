/** Iterates over the commands of RUN instructions, and helps checks to report findings in them. */
import type { Range } from '../../instructions/index.ts';
import type { LintFile, LintRun, LintStage } from '../lint-file.ts';
import type { Hit } from '../rule.ts';
import type { RunScript } from '../run-script.ts';
import type { ShellCommand } from '../shell/commands.ts';
import type { ShellWord } from '../shell/scan.ts';
import { Memory } from './memory.ts';

export interface RunCommand {
  readonly stage: LintStage;
  readonly run: LintRun;
  readonly script: RunScript;
  readonly command: ShellCommand;
}

export function* listRunCommands(file: LintFile): Iterable<RunCommand> {
  for (const stage of file.stages) {
    for (const run of stage.runs) {
      for (const script of run.scripts) for (const command of script.commands) yield { stage, run, script, command };
    }
  }
}

/** Range of some words; the range of the instruction if their position is unknown. */
export function placeOf({ run, script }: RunCommand, { from, to }: { from: number; to: number }): Range {
  return script.toRange(from, to) ?? run.instruction.range;
}

/** Creates a hit for a whole command. */
export function createCommandHit(where: RunCommand, detail: string, more: Pick<Hit, 'fixes'> = {}): Hit {
  return { instruction: where.run.instruction, detail, range: placeOf(where, where.command), ...more };
}

/** A fix that inserts a flag after a word; no fix if the position of the word is unknown. */
export function createFlagFix({ script }: RunCommand, word: ShellWord | undefined, flag: string): Pick<Hit, 'fixes'> {
  const range = word && script.toRange(word.end - 1, word.end);
  if (!range) return {};
  const edit = { range: { start: range.end, end: range.end }, text: ` ${flag}` };
  return { fixes: [{ title: `add \`${flag}\``, edits: [edit] }] };
}

/** Targets of `RUN --mount=type=cache` and `type=tmpfs`: files written there do not become part of the image. */
export function listScratchMounts({ instruction }: LintRun): readonly string[] {
  return instruction.mounts.flatMap(({ options }) => {
    const findValue = (...keys: readonly string[]) => options.find(({ key }) => keys.includes(key))?.value?.raw;
    if (!['cache', 'tmpfs'].includes(findValue('type') ?? '')) return [];
    return [findValue('target', 'dst', 'destination') ?? ''];
  });
}

/** True if `rm` or `find` in the same instruction has an argument that matches. */
export function hasRemoval(run: LintRun, pattern: RegExp): boolean {
  return hasCommand(run, `removes ${pattern.source}`, ({ name, args }) => {
    return (name === 'rm' || name === 'find') && args.some(({ text }) => pattern.test(text));
  });
}

const results = new Memory<LintRun, boolean>();

/** True if `test` is true for a command of the instruction. The result is cached under `name`, which must identify the test. */
export function hasCommand(run: LintRun, name: string, test: (command: ShellCommand) => boolean): boolean {
  return results.recall(run, name, () => run.scripts.some(({ commands }) => commands.some(test)));
}
