import { resolveInTree } from '../../content/index.ts';
import type { WorkdirStep } from '../../plan/index.ts';
import { type CopyTarget, makeDirectories } from './copy.ts';

/** WORKDIR: the directory with its missing parents, mode 0755, owned by the USER in force. */
export function makeWorkdir(target: Omit<CopyTarget, 'destination'>, step: WorkdirStep): void {
  makeDirectories(target, resolveInTree(target.staging, step.path));
}
