import { MkimageError } from '../../errors.ts';
import type { ProcessSpec } from '../index.ts';
import { programPaths } from '../program-path.ts';
import type { MountPlan } from './mount-plan.ts';

/**
 * Refuses a working directory or program below /proc. `/proc/self/fd/N` made an escape from containers possible through open descriptors
 * of a runtime (CVE-2024-21626), and `/proc/self/exe` is the runtime itself (CVE-2019-5736). There is no legitimate use. Call this
 * function after all mounts are planned.
 */
export function refuseKernelPaths(plan: MountPlan, spec: ProcessSpec): void {
  const proc = plan.resolve('/proc').path;
  const inside = (path: string) => (path.startsWith('/') ? path : `${spec.cwd}/${path}`);
  for (const path of [spec.cwd, ...programPaths(spec).map(inside)]) {
    const real = leadsTo(plan, path);
    if (real === undefined || (real !== proc && !real.startsWith(`${proc}/`))) continue;
    throw new MkimageError('sandbox', `start step: \`${path}\` leads into /proc`, {
      hint: 'use a working directory and a program of the image',
    });
  }
}

/** Returns undefined for a path that cannot be resolved: through a file, or a loop of symlinks. */
function leadsTo(plan: MountPlan, path: string): string | undefined {
  try {
    return plan.resolve(path).path;
  } catch {
    return undefined;
  }
}
