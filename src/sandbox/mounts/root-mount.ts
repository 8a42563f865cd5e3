import type { SandboxSpec } from '../index.ts';
import type { Mount } from './mount-plan.ts';
import type { OverlayNames } from './overlay-options.ts';

/** The mount of a step's root filesystem. It is `nodev`, so device nodes that the step creates cannot be opened. */
export function rootMount({ rootfs, process }: SandboxSpec, names: OverlayNames): Mount {
  const nodev = process.security === 'insecure' ? [] : ['nodev'];
  if (rootfs.kind === 'directory')
    return { type: 'bind', source: rootfs.path, target: '', options: ['bind', ...nodev] };
  const options = [...names.optionsFor({ lowers: rootfs.lowers, writable: rootfs }), ...nodev];
  return { type: 'overlay', source: 'mkimage-root', target: '', options };
}
