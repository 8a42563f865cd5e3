import { existsSync, mkdirSync } from 'node:fs';
import { posix } from 'node:path';
import type { ContainerSettings, HostSettings, MountPoint } from '../../api/index.ts';
import { type ContainerHome, createVolume, fillVolume, findContainer } from '../../container/index.ts';
import { MkimageError } from '../../errors.ts';
import { copyStack, findInStack, type Stack } from '../../host/index.ts';
import type { ResolvedImage } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import type { Services } from '../services.ts';
import { parseBind, type WantedMount } from './parse-bind.ts';
import { volumeHome } from './volume-home.ts';

export interface VolumePlanning {
  readonly services: Services;
  readonly home: ContainerHome;
  readonly host: HostSettings;
  readonly config: ContainerSettings;
  readonly image: ResolvedImage;
  readonly warnings: string[];
}

/** Decides what is mounted in a container, and creates the volumes for it: `--mount`, `-v`, `--volumes-from` and the VOLUMEs of the image. */
export async function planVolumes(planning: VolumePlanning, call: Call): Promise<readonly MountPoint[]> {
  const { home, host, config } = planning;
  const points = new Map<string, MountPoint>();
  for (const text of host.VolumesFrom ?? [])
    for (const point of pointsOf(home, text)) points.set(point.Destination, point);
  for (const text of host.Binds ?? []) {
    const point = await pointOf(planning, parseBind(text), call);
    points.set(point.Destination, point);
  }
  for (const request of host.Mounts ?? []) {
    const point = await pointOf(planning, { request, mode: '' }, call);
    points.set(point.Destination, point);
  }
  for (const target of Object.keys(config.Volumes ?? {})) {
    const destination = posix.resolve('/', target);
    if (points.has(destination) || Object.hasOwn(host.Tmpfs ?? {}, destination)) continue;
    points.set(
      destination,
      await pointOf(planning, { request: { Type: 'volume', Target: destination }, mode: '' }, call),
    );
  }
  return [...points.values()];
}

function pointsOf(home: ContainerHome, text: string): readonly MountPoint[] {
  const [, name = '', mode = 'rw'] = /^(.*?)(?::(ro|rw))?$/.exec(text) ?? [];
  return findContainer(home, name)
    .record()
    .mounts.map((point) => ({ ...point, RW: mode === 'ro' ? false : point.RW }));
}

async function pointOf(planning: VolumePlanning, wanted: WantedMount, call: Call): Promise<MountPoint> {
  const { request, mode } = wanted;
  const { Type, Source = '', Target, ReadOnly = false } = request;
  if (!Target.startsWith('/') || posix.resolve(Target) === '/') {
    throw new MkimageError('usage', `invalid mount target \`${Target}\`: it must be an absolute path other than \`/\``);
  }
  const Destination = posix.resolve(Target);
  if (Type === 'tmpfs') {
    const { SizeBytes, Mode } = request.TmpfsOptions ?? {};
    const options = [
      ...(SizeBytes === undefined ? [] : [`size=${SizeBytes}`]),
      ...(Mode === undefined ? [] : [`mode=${Mode.toString(8)}`]),
    ];
    return { Type, Source: '', Destination, Mode: options.join(','), RW: !ReadOnly, Propagation: '' };
  }
  if (Type === 'bind')
    return { Type, Source: bindSource(wanted), Destination, Mode: mode, RW: !ReadOnly, Propagation: 'rprivate' };
  const volume = await createVolume(volumeHome(planning.services), {
    name: Source === '' ? undefined : Source,
    labels: request.VolumeOptions?.Labels ?? {},
  });
  if (request.VolumeOptions?.NoCopy !== true) await copyImageContent(planning, { volume, target: Destination }, call);
  const { Name, Mountpoint } = volume;
  return {
    Type,
    Name,
    Source: Mountpoint,
    Destination,
    Driver: 'local',
    Mode: mode || 'z',
    RW: !ReadOnly,
    Propagation: '',
  };
}

/** `-v` creates a missing directory, `--mount` does not. */
function bindSource({ request, mode }: WantedMount): string {
  const source = request.Source ?? '';
  if (!source.startsWith('/'))
    throw new MkimageError('usage', `invalid mount source \`${source}\`: it must be an absolute path`);
  if (existsSync(source)) return source;
  if (request.BindOptions?.CreateMountpoint !== true && mode !== 'created') {
    throw new MkimageError('usage', `invalid mount config for type "bind": bind source path does not exist: ${source}`);
  }
  mkdirSync(source, { recursive: true });
  return source;
}

interface Filling {
  readonly volume: Awaited<ReturnType<typeof createVolume>>;
  readonly target: string;
}

/** An empty volume gets what the image has at its target. */
async function copyImageContent(
  { services, image }: VolumePlanning,
  { volume, target }: Filling,
  call: Call,
): Promise<void> {
  const snapshotter = await services.snapshotter();
  await using view = await snapshotter.view(image.layers, call);
  const stack = directoryAt(view.lowers, target);
  if (stack === undefined) return;
  await fillVolume(volume, stack[0]!, async (into) => copyStack(stack, into));
}

/** Symlinks are not followed: the content would be copied from elsewhere than where the volume is mounted. */
function directoryAt(lowers: Stack, target: string): Stack | undefined {
  let here = lowers;
  for (const name of target.split('/').filter((each) => each !== '')) {
    const child = findInStack(here, name);
    if (child.kind !== 'directory') return undefined;
    here = child.stack;
  }
  return here;
}
