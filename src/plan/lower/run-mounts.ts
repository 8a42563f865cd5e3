/** RUN --mount: turns options into mounts and adds all defaults. */
import { posix } from 'node:path';
import type { MountFlag, Run } from '../../instructions/index.ts';
import type { FileSource, RunMount } from '../build-plan.ts';
import { findBuildArg } from '../stages/global-args.ts';
import { Fault } from '../words/fault.ts';
import { cleanAbsolute, toRootRelative } from '../words/paths.ts';
import type { Lowering } from './lowering.ts';
import { type MountOptions, readMountOptions } from './mount-options.ts';
import type { MountedCredential, StageState } from './stage-state.ts';

export interface LoweredMounts {
  readonly mounts: readonly RunMount[];
  readonly credentials: readonly MountedCredential[];
  /** Names of variables that contain secrets. */
  readonly secretVariables: readonly string[];
}

export function lowerMounts(instruction: Run, state: StageState, lowering: Lowering): LoweredMounts {
  let sockets = 0;
  const mounts = instruction.mounts.map((flag, index) => {
    const options = readMountOptions(flag, state, lowering);
    const createSocketPath = () => `/run/buildkit/ssh_agent.${sockets++}`;
    return lowerMount(options, { flag, state, lowering, from: lowering.sources[index], nextSocket: createSocketPath });
  });
  return {
    mounts: sortMounts(mounts),
    credentials: mounts.flatMap((mount) => listCredentials(mount, lowering)),
    secretVariables: mounts.flatMap((mount) => (mount.type === 'secret' && mount.env !== undefined ? [mount.env] : [])),
  };
}

/** Sorts by target, so that nested mounts come after their parents. Credentials come last. */
function sortMounts(mounts: readonly RunMount[]): readonly RunMount[] {
  const isCredential = ({ type }: RunMount) => type === 'secret' || type === 'ssh';
  const directories = mounts.filter((mount) => !isCredential(mount));
  const byTarget = directories.toSorted((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
  return [...byTarget, ...mounts.filter(isCredential)];
}

function listCredentials(mount: RunMount, { range }: Lowering): readonly MountedCredential[] {
  if (mount.type !== 'secret' && mount.type !== 'ssh') return [];
  return [{ kind: mount.type, id: mount.id, required: mount.required, range }];
}

interface MountPlace {
  readonly flag: MountFlag;
  readonly state: StageState;
  readonly lowering: Lowering;
  readonly from: FileSource | undefined;
  /** The default target of the next ssh mount. Like BuildKit, it counts all ssh mounts, also those with a target. */
  readonly nextSocket: () => string;
}

function lowerMount(options: MountOptions, place: MountPlace): RunMount {
  switch (options.type) {
    case 'bind':
      return lowerBindMount(options, place);
    case 'cache':
      return lowerCacheMount(options, place);
    case 'tmpfs':
      return { type: 'tmpfs', target: resolveDirectoryTarget(options, place), size: options.size || undefined };
    case 'secret':
      return lowerSecretMount(options, place);
    case 'ssh':
      return lowerSshMount(options, place);
  }
}

function lowerBindMount(options: MountOptions, place: MountPlace): RunMount {
  return {
    type: 'bind',
    target: resolveDirectoryTarget(options, place),
    from: place.from ?? { kind: 'context', context: '' },
    source: toRootRelative(options.source),
    readonly: options.readonly ?? true,
  };
}

function lowerCacheMount(options: MountOptions, place: MountPlace): RunMount {
  const namespace = findBuildArg(place.lowering.request.buildArgs, 'BUILDKIT_CACHE_MOUNT_NS') ?? '';
  const id = options.id || posix.normalize(options.target).replace(/(?<=.)\/$/, '');
  return {
    type: 'cache',
    target: resolveDirectoryTarget(options, place),
    id: namespace === '' ? id : `${namespace}/${id}`,
    sharing: options.sharing ?? 'shared',
    readonly: options.readonly ?? false,
    from: place.from,
    source: toRootRelative(options.source),
    mode: options.mode ?? 0o755,
    uid: options.uid ?? 0,
    gid: options.gid ?? 0,
  };
}

function lowerSecretMount(options: MountOptions, place: MountPlace): RunMount {
  const { env, target } = options;
  const id = options.source || options.id || posix.basename(target);
  if (id === '') throw new Fault('invalid-mount', 'one of source, target required', { range: place.flag.range });
  const file = env === undefined || target !== '';
  return {
    type: 'secret',
    target: file ? checkMountTarget(target || `/run/secrets/${posix.basename(id)}`, place) : '',
    id,
    env,
    file,
    required: options.required,
    mode: options.mode ?? 0o400,
    uid: options.uid ?? 0,
    gid: options.gid ?? 0,
  };
}

function lowerSshMount(options: MountOptions, place: MountPlace): RunMount {
  if (options.source !== '')
    throw new Fault('invalid-mount', 'ssh does not support source', { range: place.flag.range });
  const numbered = place.nextSocket();
  return {
    type: 'ssh',
    target: checkMountTarget(options.target || numbered, place),
    id: options.id || 'default',
    required: options.required,
    mode: options.mode ?? 0o600,
    uid: options.uid ?? 0,
    gid: options.gid ?? 0,
  };
}

/** Resolves a target relative to the working directory. */
function resolveDirectoryTarget({ target }: MountOptions, place: MountPlace): string {
  const workdir = place.state.config.WorkingDir ?? '';
  return checkMountTarget(target.startsWith('/') ? target : posix.join('/', workdir, target), place);
}

/** Returns the target as an absolute, clean path. Throws a Fault for the root directory. */
function checkMountTarget(target: string, { flag }: MountPlace): string {
  const absolute = cleanAbsolute(target);
  if (absolute !== '/') return absolute;
  throw new Fault('invalid-mount', `invalid mount target \`${target || '/'}\``, {
    hint: 'set `target=` to a directory other than the root',
    range: flag.range,
  });
}
