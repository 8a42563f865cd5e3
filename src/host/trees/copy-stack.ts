import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { toFsName } from '../../tar/index.ts';
import { setTimes } from '../calls/times.ts';
import { copyTreeSync } from './copy-tree.ts';
import { listHostNames } from './host-entry.ts';
import { findInStack, type Stack } from './overlay-stack.ts';

/** Copies what overlayfs would show of a stack of directories into another directory, with owners, modes and times. */
export function copyStack(stack: Stack, to: string): void {
  if (stack.length === 1) {
    copyTreeSync(stack[0]!, to);
    return;
  }
  for (const name of new Set(stack.flatMap(listHostNames))) {
    const child = findInStack(stack, name);
    const target = join(to, name);
    if (child.kind === 'directory') copyDirectory(child.stack, target);
    else if (child.kind !== 'missing') copyOne(child.file, target);
  }
}

function copyDirectory(stack: Stack, to: string): void {
  const stats = lstatSync(toFsName(stack[0]!), { bigint: true });
  mkdirSync(toFsName(to));
  copyStack(stack, to);
  chownSync(toFsName(to), Number(stats.uid), Number(stats.gid));
  chmodSync(toFsName(to), Number(stats.mode & 0o7777n));
  setTimes(to, stats);
}

function copyOne(from: string, to: string): void {
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
  execFileSync('cp', ['-a', '--reflink=auto', '-T', '--', from, to], { env, stdio: ['ignore', 'ignore', 'pipe'] });
}
