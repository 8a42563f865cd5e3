/** Checks for package managers that wait for an answer, and for upgrades of the distribution. */
import type { LintStage } from '../../lint-file.ts';
import { type LintRule, pageOf } from '../../rule.ts';
import { hasFlag, operandsOf } from '../../shell/arguments.ts';
import type { ShellCommand } from '../../shell/commands.ts';
import { Memory } from '../memory.ts';
import { createCommandHit, createFlagFix, hasCommand, listRunCommands, type RunCommand } from '../run-commands.ts';
import { APT, DNF, installationOf, type PackageManager, YUM, ZYPPER } from './manager.ts';

interface Asking {
  readonly code: string;
  readonly manager: PackageManager;
  /** Flags that answer the questions; one is enough. */
  readonly flags: readonly string[];
}

const ASKING: readonly Asking[] = [
  { code: 'DL3014', manager: APT, flags: ['-y', '--yes', '--assume-yes'] },
  {
    code: 'DL3030',
    manager: { ...YUM, verbs: ['install', 'localinstall', 'groupinstall', 'reinstall'] },
    flags: ['-y', '--assumeyes'],
  },
  {
    code: 'DL3034',
    manager: { ...ZYPPER, verbs: ['install', 'in', 'remove', 'rm', 'source-install', 'si', 'patch'] },
    flags: ['-n', '-y', '--non-interactive', '--no-confirm'],
  },
  {
    code: 'DL3038',
    manager: { ...DNF, verbs: ['install', 'localinstall', 'groupinstall', 'reinstall'] },
    flags: ['-y', '--assumeyes'],
  },
];

export const InstallWithoutYes: LintRule = {
  name: 'InstallWithoutYes',
  codes: ASKING.map(({ code }) => code),
  description: 'Run package managers without questions: `-y`',
  url: pageOf('InstallWithoutYes'),
  *find(file) {
    for (const where of listRunCommands(file)) {
      for (const { code, manager, flags } of ASKING) {
        const installation = installationOf(where.command, manager);
        if (!installation || hasFlag(where.command, ...flags) || isAnswered(where)) continue;
        const detail = `\`${where.command.name}\` asks before it installs, but there is no input: add \`-y\``;
        yield { ...createCommandHit(where, detail, createFlagFix(where, installation.verb, '-y')), code };
      }
    }
  },
};

/** True if something other than a flag answers: `-qq` (apt then assumes yes), `yes |`, or a setting of the package manager. */
function isAnswered(where: RunCommand): boolean {
  const { command, stage } = where;
  const quiet = command.args.map(({ text }) => (/^-[A-Za-z]+$/.test(text) ? text.split('q').length - 1 : 0));
  if (quiet.reduce((sum, count) => sum + count, 0) > 1) return true;
  if (command.args.some(({ text }) => /^(?:-q|--quiet)=[2-9]$/.test(text))) return true;
  const { run } = where;
  if (/^\|&?$/.test(command.before) && hasCommand(run, 'yes', ({ name }) => name === 'yes')) return true;
  return results.recall(stage, '', () =>
    stage.runs.some(({ scripts }) => scripts.some(({ text }) => /Assume-Yes|assumeyes/.test(text))),
  );
}

const results = new Memory<LintStage, boolean>();

export const AptInScript: LintRule = {
  name: 'AptInScript',
  code: 'DL3027',
  description: 'Use `apt-get` and `apt-cache`; `apt` is for interactive use',
  url: pageOf('AptInScript'),
  *find(file) {
    for (const where of listRunCommands(file)) {
      const { command } = where;
      if (command.name !== 'apt') continue;
      const wanted = findProgram(command);
      yield createCommandHit(
        where,
        `\`apt\` may change how it works: write \`${wanted}\``,
        createProgramFix(where, wanted),
      );
    }
  },
};

function findProgram({ args }: ShellCommand): string {
  const [verb] = operandsOf(args, new Set(APT.withValue.split(' ')));
  return ['search', 'show', 'policy', 'depends', 'rdepends'].includes(verb?.text ?? '') ? 'apt-cache' : 'apt-get';
}

/** No fix for a path such as `/usr/bin/apt`, or if the exact position of the word is unknown. */
function createProgramFix({ script, command }: RunCommand, wanted: string) {
  const { program } = command;
  const range = program?.raw === 'apt' ? script.toRange(program.start, program.end) : undefined;
  return range ? { fixes: [{ title: `write \`${wanted}\``, edits: [{ range, text: wanted }] }] } : {};
}

export const DistributionUpgrade: LintRule = {
  name: 'DistributionUpgrade',
  codes: ['DL3005', 'DL3035'],
  description: 'Use a newer base image; do not upgrade the distribution in a step',
  url: pageOf('DistributionUpgrade'),
  *find(file) {
    for (const where of listRunCommands(file)) {
      const { name, args } = where.command;
      const isApt = /^apt(?:-get|itude)?$/.test(name);
      if (!isApt && name !== 'zypper') continue;
      const [verb] = operandsOf(args, new Set(APT.withValue.split(' ')));
      const verbs = isApt ? ['dist-upgrade', 'full-upgrade'] : ['dist-upgrade', 'dup'];
      if (!verbs.includes(verb?.text ?? '')) continue;
      const detail = `\`${name} ${verb!.text}\` gives a different image every day: use a newer base image`;
      yield { ...createCommandHit(where, detail), code: isApt ? 'DL3005' : 'DL3035' };
    }
  },
};
