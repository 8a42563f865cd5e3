import { MkimageError } from '../../errors.ts';
import type { ProcessSpec } from '../index.ts';
import type { MountPlan } from './mount-plan.ts';

/**
 * Refuses a working directory or program below /proc: `/proc/self/fd/N` has led out of containers by descriptors that a
 * runtime had open (CVE-2024-21626), and nothing honest lives there. To be called when all mounts are planned.
 */
export function refuseKernelPaths(plan: MountPlan, { cwd, args }: ProcessSpec): void {
  const proc = plan.resolve('/proc').path;
  const program = args[0] ?? '';
  for (const path of [cwd, ...(program.startsWith('/') ? [program] : [])]) {
    const { path: real } = plan.resolve(path);
    if (real !== proc && !real.startsWith(`${proc}/`)) continue;
    throw new MkimageError('sandbox', `start step: \`${path}\` leads into /proc`, {
      hint: 'use a working directory and a program of the image',
    });
  }
}
