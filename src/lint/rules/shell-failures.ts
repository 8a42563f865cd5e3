/** Checks for command failures that the shell ignores. */
import type { Fix } from '../../instructions/index.ts';
import type { LintRun } from '../lint-file.ts';
import { type LintRule, pageOf } from '../rule.ts';
import type { RunScript } from '../run-script.ts';
import type { ShellCommand } from '../shell/commands.ts';
import { Memory } from './memory.ts';
import { listRunCommands, placeOf } from './run-commands.ts';

/** Commands whose failure does not matter. */
const HARMLESS = new Set(['echo', 'printf', 'yes', 'true', ':']);

export const PipeWithoutPipefail: LintRule = {
  name: 'PipeWithoutPipefail',
  code: 'DL4006',
  description: 'Set `pipefail` in SHELL before a RUN with a pipe',
  url: pageOf('PipeWithoutPipefail'),
  *find(file) {
    let done: RunScript | undefined;
    for (const where of listRunCommands(file)) {
      const { command, script, run } = where;
      if (script === done || !/^\|&?$/.test(command.end) || HARMLESS.has(command.name)) continue;
      if (hasOption(run, script, /^(?:[^\seou]*[eou]\S*)?pipefail$/)) continue;
      done = script;
      const name = command.name === '' ? 'this command' : `\`${command.name}\``;
      const detail = `a failure of ${name} in the pipe is ignored: set \`pipefail\``;
      yield { instruction: run.instruction, detail, range: placeOf(where, command) };
    }
  },
};

export const HeredocWithoutErrexit: LintRule = {
  name: 'HeredocWithoutErrexit',
  description: 'Begin a heredoc of RUN with `set -e`',
  url: pageOf('HeredocWithoutErrexit'),
  *find(file) {
    let done: RunScript | undefined;
    for (const where of listRunCommands(file)) {
      const { command, script, run } = where;
      if (script.kind !== 'heredoc' || script === done || !isIgnored(command, script)) continue;
      if (hasOption(run, script, /^(?:-[a-df-zA-Z]*e[a-zA-Z]*|errexit)$/)) continue;
      done = script;
      const detail = 'a failure of this command is ignored: begin the heredoc with `set -e`';
      yield { instruction: run.instruction, detail, range: placeOf(where, command), ...createErrexitFix(script) };
    }
  },
};

const NO_WORK = new Set([...HARMLESS, '', 'export', 'set', 'shopt', 'trap', 'for', 'case', 'test', '[', '[[', 'local']);

/** True if more commands follow, and the shell runs them even if this command fails. */
function isIgnored(command: ShellCommand, { commands }: RunScript): boolean {
  if (!/^[\n;]$/.test(command.end) || NO_WORK.has(command.name)) return false;
  return lastNamed.recall(commands, '', () => commands.findLast(({ name }) => name !== '')?.from ?? -1) > command.from;
}

const lastNamed = new Memory<RunScript['commands'], number>();

/** True if a shell option is set in SHELL, in the `#!` line or by `set`. */
function hasOption(run: LintRun, script: RunScript, option: RegExp): boolean {
  return results.recall(script, option.source, () => isMentioned(run, script, option));
}

const results = new Memory<RunScript, boolean>();

function isMentioned(run: LintRun, script: RunScript, option: RegExp): boolean {
  const words = script.interpreter === undefined ? run.shell : script.interpreter.split(/\s+/);
  if (words.slice(1).some((word) => option.test(word))) return true;
  return script.commands.some(
    ({ name, args }) => (name === 'set' || name === 'setopt') && args.some(({ text }) => option.test(text)),
  );
}

function createErrexitFix(script: RunScript): { readonly fixes?: readonly Fix[] } {
  const at = /^#![^\n]*\n/.exec(script.text)?.[0].length ?? 0;
  const range = script.toRange(at, at);
  return range ? { fixes: [{ title: 'begin with `set -e`', edits: [{ range, text: 'set -e\n' }] }] } : {};
}
