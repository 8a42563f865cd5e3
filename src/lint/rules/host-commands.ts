/** Programs that are not useful in a RUN. */
import { type LintRule, pageOf } from '../rule.ts';
import { operandsOf } from '../shell/arguments.ts';
import { commandHit, type RunCommand, runCommands } from './run-commands.ts';

/** Programs for a running machine or for interactive use. */
const FOR_MACHINES = new Set(['free', 'ifconfig', 'kill', 'mount', 'ps', 'service', 'shutdown', 'ssh', 'top', 'vim']);

export const HostCommand: LintRule = {
  name: 'HostCommand',
  code: 'DL3001',
  description: 'Run nothing that is for a machine and those who use it',
  url: pageOf('HostCommand'),
  *find(file) {
    for (const where of runCommands(file)) {
      const { name } = where.command;
      if (!FOR_MACHINES.has(name) || isAllowedTo(where)) continue;
      yield commandHit(where, `\`${name}\` is for a machine that runs: it does nothing for an image`);
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
    for (const where of runCommands(file)) {
      const { name, wrappers } = where.command;
      if (name !== 'sudo' && !wrappers.includes('sudo')) continue;
      yield commandHit(where, '`sudo` is not needed to be root in a step: write `USER root` before it');
    }
  },
};

/** Paths of the default shell. */
const SHELL_PATH = /^(?:\/usr)?\/bin\/sh$/;

export const ShellReplaced: LintRule = {
  name: 'ShellReplaced',
  code: 'DL4005',
  description: 'Choose the shell with SHELL; leave `/bin/sh` what it is',
  url: pageOf('ShellReplaced'),
  *find(file) {
    for (const where of runCommands(file)) {
      const { name, args } = where.command;
      const link = name === 'ln' ? operandsOf(args, new Set(['-t', '-S'])).at(-1)?.text : undefined;
      if (link === undefined || !SHELL_PATH.test(link)) continue;
      yield commandHit(where, '`/bin/sh` becomes another program: choose the shell of RUN with `SHELL`');
    }
  },
};
