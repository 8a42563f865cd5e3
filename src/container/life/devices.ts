import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MkimageError } from '../../errors.ts';
import type { ContainerDevice, DeviceRule } from '../../sandbox/index.ts';
import type { ContainerRecord } from '../record.ts';

export interface PlannedDevices {
  readonly nodes: readonly ContainerDevice[];
  /** What the kernel permits in addition to the devices of every container. */
  readonly rules: readonly DeviceRule[];
}

const EVERYTHING: readonly DeviceRule[] = (['c', 'b'] as const).map((type) => ({
  type,
  major: undefined,
  minor: undefined,
  access: 'rwm',
}));

/** Plans `--device`; a privileged container gets all devices of the host. */
export function planDevices({ host }: ContainerRecord): PlannedDevices {
  if (host.Privileged === true) return { nodes: listHostDevices(), rules: EVERYTHING };
  const devices = (host.Devices ?? []).map(({ PathOnHost, PathInContainer, CgroupPermissions }) => {
    const stats = lstatSync(PathOnHost, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined || !(stats.isCharacterDevice() || stats.isBlockDevice())) {
      throw new MkimageError(
        'usage',
        `error gathering device information while adding custom device "${PathOnHost}": not a device node`,
      );
    }
    if (CgroupPermissions !== 'rwm' && CgroupPermissions !== '') {
      throw new MkimageError(
        'unsupported',
        `add device \`${PathOnHost}\` with permissions \`${CgroupPermissions}\`: only rwm is supported`,
      );
    }
    const rule: DeviceRule = {
      type: stats.isBlockDevice() ? 'b' : 'c',
      major: Number((stats.rdev >> 8n) & 0xfffn),
      minor: Number((stats.rdev & 0xffn) | ((stats.rdev >> 12n) & 0xfff00n)),
      access: 'rwm',
    };
    return { node: { source: PathOnHost, target: PathInContainer === '' ? PathOnHost : PathInContainer }, rule };
  });
  return { nodes: devices.map(({ node }) => node), rules: devices.map(({ rule }) => rule) };
}

/** Those that every container has, and directories of its own, are left out. */
const OWN = [
  'null',
  'zero',
  'full',
  'random',
  'urandom',
  'tty',
  'ptmx',
  'console',
  'pts',
  'shm',
  'mqueue',
  'fd',
  'stdin',
  'stdout',
  'stderr',
];

function listHostDevices(folder = '/dev'): readonly ContainerDevice[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (folder === '/dev' && OWN.includes(entry.name)) return [];
    if (entry.isDirectory()) return listHostDevices(path);
    return entry.isCharacterDevice() || entry.isBlockDevice() ? [{ source: path, target: path }] : [];
  });
}
