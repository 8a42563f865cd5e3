/** RUN --mount: options as written become mounts with all defaults filled in. */
import { posix } from 'node:path';
import type { MountFlag, Run } from '../../instructions/index.ts';
import type { FileSource, RunMount } from '../build-plan.ts';
import { buildArg } from '../stages/global-args.ts';
import { Fault } from '../words/fault.ts';
import { belowRoot, cleanAbsolute } from '../words/paths.ts';
import type { Lowering } from './lowering.ts';
import { type MountOptions, readMount } from './mount-options.ts';
import type { MountedCredential, StageState } from './stage-state.ts';

export interface LoweredMounts {
  readonly mounts: readonly RunMount[];
  readonly credentials: readonly MountedCredential[];
  /** Variables that hold secrets. */
  readonly secretVariables: readonly string[];
}

export function lowerMounts(instruction: Run, state: StageState, lowering: Lowering): LoweredMounts {
  let sockets = 0;
  const mounts = instruction.mounts.map((flag, index) => {
    const options = readMount(flag, state, lowering);
    const nextSocket = () => `/run/buildkit/ssh_agent.${sockets++}`;
    return mountOf(options, { flag, state, lowering, from: lowering.sources[index], nextSocket });
  });
  return {
    mounts: inMountOrder(mounts),
    credentials: mounts.flatMap((mount) => credentialOf(mount, lowering)),
    secretVariables: mounts.flatMap((mount) => (mount.type === 'secret' && mount.env !== undefined ? [mount.env] : [])),
  };
}

/** By target, so that what is mounted inside another mount comes after it; credentials are laid over everything else. */
function inMountOrder(mounts: readonly RunMount[]): readonly RunMount[] {
  const isCredential = ({ type }: RunMount) => type === 'secret' || type === 'ssh';
  const directories = mounts.filter((mount) => !isCredential(mount));
  const byTarget = directories.toSorted((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
  return [...byTarget, ...mounts.filter(isCredential)];
}

function credentialOf(mount: RunMount, { range }: Lowering): readonly MountedCredential[] {
  if (mount.type !== 'secret' && mount.type !== 'ssh') return [];
  return [{ kind: mount.type, id: mount.id, required: mount.required, range }];
}

interface MountPlace {
  readonly flag: MountFlag;
  readonly state: StageState;
  readonly lowering: Lowering;
  readonly from: FileSource | undefined;
  /** Where an ssh mount without a target goes; counts those with one too, as BuildKit does. */
  readonly nextSocket: () => string;
}

function mountOf(options: MountOptions, place: MountPlace): RunMount {
  switch (options.type) {
    case 'bind':
      return bindMount(options, place);
    case 'cache':
      return cacheMount(options, place);
    case 'tmpfs':
      return { type: 'tmpfs', target: directoryTarget(options, place), size: options.size || undefined };
    case 'secret':
      return secretMount(options, place);
    case 'ssh':
      return sshMount(options, place);
  }
}

function bindMount(options: MountOptions, place: MountPlace): RunMount {
  return {
    type: 'bind',
    target: directoryTarget(options, place),
    from: place.from ?? { kind: 'context', context: '' },
    source: belowRoot(options.source),
    readonly: options.readonly ?? true,
  };
}

function cacheMount(options: MountOptions, place: MountPlace): RunMount {
  const namespace = buildArg(place.lowering.request.buildArgs, 'BUILDKIT_CACHE_MOUNT_NS') ?? '';
  const id = options.id || posix.normalize(options.target).replace(/(?<=.)\/$/, '');
  return {
    type: 'cache',
    target: directoryTarget(options, place),
    id: namespace === '' ? id : `${namespace}/${id}`,
    sharing: options.sharing ?? 'shared',
    readonly: options.readonly ?? false,
    from: place.from,
    source: belowRoot(options.source),
    mode: options.mode ?? 0o755,
    uid: options.uid ?? 0,
    gid: options.gid ?? 0,
  };
}

function secretMount(options: MountOptions, place: MountPlace): RunMount {
  const { env, target } = options;
  const id = options.source || options.id || posix.basename(target);
  if (id === '') throw new Fault('invalid-mount', 'one of source, target required', { range: place.flag.range });
  const file = env === undefined || target !== '';
  return {
    type: 'secret',
    target: file ? coverable(target || `/run/secrets/${posix.basename(id)}`, place) : '',
    id,
    env,
    file,
    required: options.required,
    mode: options.mode ?? 0o400,
    uid: options.uid ?? 0,
    gid: options.gid ?? 0,
  };
}

function sshMount(options: MountOptions, place: MountPlace): RunMount {
  if (options.source !== '')
    throw new Fault('invalid-mount', 'ssh does not support source', { range: place.flag.range });
  const numbered = place.nextSocket();
  return {
    type: 'ssh',
    target: coverable(options.target || numbered, place),
    id: options.id || 'default',
    required: options.required,
    mode: options.mode ?? 0o600,
    uid: options.uid ?? 0,
    gid: options.gid ?? 0,
  };
}

/** Relative to the working directory. */
function directoryTarget({ target }: MountOptions, place: MountPlace): string {
  const workdir = place.state.config.WorkingDir ?? '';
  return coverable(target.startsWith('/') ? target : posix.join('/', workdir, target), place);
}

/** Absolute and clean; the root itself cannot be covered. */
function coverable(target: string, { flag }: MountPlace): string {
  const absolute = cleanAbsolute(target);
  if (absolute !== '/') return absolute;
  throw new Fault('invalid-mount', `invalid mount target \`${target || '/'}\``, {
    hint: 'give a `target=` other than the root directory',
    range: flag.range,
  });
}
