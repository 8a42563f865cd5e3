/** Programs that are not useful in a RUN. */
import { type LintRule, pageOf } from '../rule.ts';
import { operandsOf } from '../shell/arguments.ts';
import { createCommandHit, listRunCommands, type RunCommand } from './run-commands.ts';

/** Programs for a running machine or for interactive use. */
const FOR_MACHINES = new Set(['free', 'ifconfig', 'kill', 'mount', 'ps', 'service', 'shutdown', 'ssh', 'top', 'vim']);

export const HostCommand: LintRule = {
  name: 'HostCommand',
  code: 'DL3001',
  description: 'Do not run commands that are meant for a whole machine',
  url: pageOf('HostCommand'),
  *find(file) {
    for (const where of listRunCommands(file)) {
      const { name } = where.command;
      if (!FOR_MACHINES.has(name) || isAllowedTo(where)) continue;
      yield createCommandHit(where, `\`${name}\` is meant for a running machine: it has no effect in an image`);
    }
  },
};

/** `mount` is allowed if the RUN has `--security`, and `ssh` if it has an SSH mount: the author uses them on purpose. */
function isAllowedTo({ run, command }: RunCommand): boolean {
  const { mounts, security } = run.instruction;
  if (command.name === 'mount') return security !== undefined;
  if (command.name !== 'ssh') return false;
  return mounts.some(({ options }) => options.some(({ key, value }) => key === 'type' && value?.raw === 'ssh'));
}

export const SudoInRun: LintRule = {
  name: 'SudoInRun',
  code: 'DL3004',
  description: 'Set the user with USER, not with `sudo`',
  url: pageOf('SudoInRun'),
  *find(file) {
    for (const where of listRunCommands(file)) {
      const { name, wrappers } = where.command;
      if (name !== 'sudo' && !wrappers.includes('sudo')) continue;
      yield createCommandHit(where, '`sudo` is not needed to be root in a step: write `USER root` before it');
    }
  },
};

/** Paths of the default shell. */
const SHELL_PATH = /^(?:\/usr)?\/bin\/sh$/;

export const ShellReplaced: LintRule = {
  name: 'ShellReplaced',
  code: 'DL4005',
  description: 'Choose the shell with SHELL; do not replace `/bin/sh`',
  url: pageOf('ShellReplaced'),
  *find(file) {
    for (const where of listRunCommands(file)) {
      const { name, args } = where.command;
      const link = name === 'ln' ? operandsOf(args, new Set(['-t', '-S'])).at(-1)?.text : undefined;
      if (link === undefined || !SHELL_PATH.test(link)) continue;
      yield createCommandHit(where, '`/bin/sh` becomes another program: choose the shell of RUN with `SHELL`');
    }
  },
};
