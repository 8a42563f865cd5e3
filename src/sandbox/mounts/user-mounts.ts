import { chmodSync, chownSync, copyFileSync, lstatSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { copyTreeSync, kindOf, type Stack } from '../../host/index.ts';
import { toFsName } from '../../tar/index.ts';
import type { SandboxMount, SandboxSpec } from '../index.ts';
import type { MountPlan, PlannedMount } from './mount-plan.ts';
import type { OverlayNames } from './overlay-options.ts';
import { type Place, resolveInRoot } from './root-view.ts';

type TreeMount = Extract<SandboxMount, { kind: 'tree' }>;
type TmpfsMount = Extract<SandboxMount, { kind: 'tmpfs' }>;

/** Plans the mounts that a step asks for (`RUN --mount`, volumes), in their order. */
export function planUserMounts(plan: MountPlan, spec: SandboxSpec, names: OverlayNames): void {
  const overlay = spec.rootfs.kind === 'overlay' ? names : undefined;
  for (const mount of spec.mounts) {
    const { options, ...planned } = plannedOf(mount, overlay);
    const nodev = spec.process.security === 'insecure' ? [] : ['nodev'];
    plan.add(mount.target, { ...planned, options: [...options, ...nodev] });
  }
}

function plannedOf(mount: SandboxMount, overlay: OverlayNames | undefined): PlannedMount {
  if (mount.kind === 'tmpfs') return tmpfs(mount);
  return mount.kind === 'bind' ? bind(mount.source, mount.readonly) : planTree(mount, overlay);
}

function tmpfs({ size, mode }: TmpfsMount): PlannedMount {
  const options = ['nosuid', `mode=${mode.toString(8)}`, ...(size === undefined ? [] : [`size=${size}`])];
  return {
    type: 'tmpfs',
    source: 'tmpfs',
    options,
    at: { kind: 'directory', stack: [] },
    writable: { kind: 'inside' },
  };
}

function bind(source: string, readonly: boolean): PlannedMount {
  const options = ['bind', ...(readonly ? ['ro'] : [])];
  if (!statSync(source).isDirectory()) {
    return { type: 'bind', source, options, at: { kind: 'file', file: source }, writable: { kind: 'no' } };
  }
  const writable = { kind: readonly ? 'no' : 'inside' } as const;
  return { type: 'bind', source, options, at: { kind: 'directory', stack: [source] }, writable };
}

/** Plans a tree mount: a file or a single read-only directory is a bind mount, others are an overlay, or a copy without overlayfs. */
export function planTree(mount: TreeMount, overlay: OverlayNames | undefined): PlannedMount {
  const place = resolveInRoot(mount.lowers, mount.subpath);
  if (place.kind === 'missing') {
    throw new MkimageError(
      'source-missing',
      `mount \`${mount.target}\`: \`/${place.path}\` does not exist in its source`,
    );
  }
  if (toFsName(place.path) !== place.path) {
    throw new MkimageError('unsupported', `mount \`${mount.target}\`: the name of its source is not UTF-8`, {
      hint: 'copy it under another name in an earlier step',
    });
  }
  if (place.kind === 'file') return treeFile(mount, place);
  if (mount.writable === undefined && place.stack.length === 1) return bind(place.stack[0]!, true);
  return overlay === undefined ? treeCopy(mount, place.stack) : treeOverlay(mount, place.stack, overlay);
}

/**
 * A single file cannot be an overlay, so writes go to a copy, which is removed later. Pipes and devices are refused: copying a pipe would
 * block, a device may have no end, and an image must not open them.
 */
function treeFile({ writable, target }: TreeMount, { file, path }: Extract<Place, { kind: 'file' }>): PlannedMount {
  const stats = lstatSync(file);
  if (!stats.isFile()) {
    throw new MkimageError(
      'sandbox',
      `mount \`${target}\`: \`/${path}\` of its source is ${kindOf(stats)}, not a file`,
    );
  }
  if (writable === undefined) return bind(file, true);
  return bind(copyWithOwner(file, stats, join(writable.upper, 'file')), false);
}

/** The step sees the owner and the mode of the file itself: whether a copy has them depends on the version of Node. */
function copyWithOwner(file: string, { uid, gid, mode }: Stats, copy: string): string {
  copyFileSync(file, copy);
  const made = lstatSync(copy);
  if (made.uid !== uid || made.gid !== gid) chownSync(copy, uid, gid);
  chmodSync(copy, mode & 0o7777);
  return copy;
}

function treeOverlay({ writable }: TreeMount, lowers: Stack, names: OverlayNames): PlannedMount {
  const options = names.optionsFor({ lowers, writable });
  const stack = writable === undefined ? lowers : [writable.upper, ...lowers];
  const access = writable === undefined ? ({ kind: 'no' } as const) : ({ kind: 'stack', stack } as const);
  return { type: 'overlay', source: 'overlay', options, at: { kind: 'directory', stack }, writable: access };
}

/** Without overlayfs, a chain is one directory, and writes go to a copy of it. */
function treeCopy({ target, writable }: TreeMount, lowers: Stack): PlannedMount {
  if (writable === undefined || lowers.length > 1) {
    throw new MkimageError('sandbox', `mount \`${target}\`: several layers cannot be merged without overlayfs`);
  }
  for (const lower of lowers) copyOrFail(lower, writable.upper);
  return bind(writable.upper, false);
}

function copyOrFail(from: string, to: string): void {
  try {
    copyTreeSync(from, to);
  } catch (cause) {
    const { stderr } = cause as { readonly stderr?: Uint8Array };
    throw new MkimageError('sandbox', `copy \`${from}\`: ${stderr ?? (cause as Error).message}`, { cause });
  }
}
