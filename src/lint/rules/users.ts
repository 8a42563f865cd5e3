/** Checks of the user of processes, and of commands that create users. */
import { type LintRule, pageOf } from '../rule.ts';
import { findFlagValue, hasFlag } from '../shell/arguments.ts';
import { readLiteral } from './base-image-tag.ts';
import { createCommandHit, createFlagFix, listRunCommands } from './run-commands.ts';

/** `useradd` writes log files with one entry for every user ID up to the highest, so a high ID makes them huge. */
export const UseraddSparseFile: LintRule = {
  name: 'UseraddSparseFile',
  code: 'DL3046',
  description: 'Create users with high numbers with `useradd --no-log-init`',
  url: pageOf('UseraddSparseFile'),
  *find(file) {
    for (const where of listRunCommands(file)) {
      const { command } = where;
      if (command.name !== 'useradd' || hasFlag(command, '-l', '--no-log-init')) continue;
      const uid = findFlagValue(command, '-u', '--uid')?.text ?? '';
      if (!/^\d{6,}$/.test(uid)) continue;
      const detail = `\`useradd\` with the number ${uid} writes huge log files: add \`--no-log-init\``;
      yield createCommandHit(where, detail, createFlagFix(where, command.program, '--no-log-init'));
    }
  },
};

export const RootUser: LintRule = {
  name: 'RootUser',
  code: 'DL3002',
  description: 'Set a USER other than root in the last stage',
  url: pageOf('RootUser'),
  *find({ stages }) {
    for (const { source } of stages) {
      const last = source.instructions.findLast(({ kind }) => kind === 'user');
      const user = last?.kind === 'user' ? readLiteral(last.user)?.split(':')[0] : undefined;
      if (last === undefined || (user !== 'root' && !/^0+$/.test(user ?? ''))) continue;
      yield { instruction: last, detail: 'this step and containers of the image run as root', range: last.range };
    }
  },
};

/** Kubernetes cannot verify that a user name is not root. Only the last USER of the image matters. */
export const NonNumericUser: LintRule = {
  name: 'NonNumericUser',
  code: 'DL3066',
  description: 'Set USER to a number',
  url: pageOf('NonNumericUser'),
  experimental: true,
  *find({ stages }) {
    const last = stages.at(-1)?.source.instructions.findLast(({ kind }) => kind === 'user');
    if (last?.kind !== 'user') return;
    const user = readLiteral(last.user)?.split(':')[0];
    if (user === undefined || user === '' || /^\d+$/.test(user)) return;
    const detail = `\`${user}\` is a name, but \`runAsNonRoot\` of Kubernetes needs a number`;
    yield { instruction: last, detail, range: last.user.range };
  },
};
