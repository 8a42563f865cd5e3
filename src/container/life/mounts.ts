import { MkimageError } from '../../errors.ts';
import { parseSize } from '../../notation/index.ts';
import type { SandboxMount } from '../../sandbox/index.ts';
import type { ContainerFolder, ContainerRecord } from '../record.ts';

/** Everything that is mounted in a container, in the order of the mounts: outer targets before inner ones. */
export function listMounts(folder: ContainerFolder, record: ContainerRecord): readonly SandboxMount[] {
  const own = (['hostname', 'hosts', 'resolv.conf'] as const).map(
    (name): SandboxMount => ({ kind: 'bind', source: folder.file(name), target: `/etc/${name}`, readonly: false }),
  );
  const targets = new Set(record.mounts.map(({ Destination }) => Destination));
  return [...own.filter(({ target }) => !targets.has(target)), ...userMounts(record)].sort(
    (a, b) => depthOf(a) - depthOf(b),
  );
}

function depthOf({ target }: SandboxMount): number {
  return target.split('/').filter((name) => name !== '').length;
}

function userMounts({ mounts, host }: ContainerRecord): readonly SandboxMount[] {
  const tmpfs = Object.entries(host.Tmpfs ?? {}).map(([target, options]) => tmpfsMount(target, options));
  const others = mounts.map(({ Type, Source, Destination, RW, Mode }): SandboxMount => {
    if (Type === 'tmpfs') return tmpfsMount(Destination, Mode);
    return { kind: 'bind', source: Source, target: Destination, readonly: !RW };
  });
  return [...tmpfs, ...others];
}

/** Options of `--tmpfs`: size and mode; flags that only restrict more are always set, others are refused. */
function tmpfsMount(target: string, options: string): SandboxMount {
  let size: number | undefined;
  let mode = 0o1777;
  for (const option of options.split(',').filter((each) => each !== '')) {
    const [name = '', value = ''] = option.split('=');
    if (name === 'size') size = parseSize(value);
    else if (name === 'mode') mode = Number.parseInt(value, 8);
    else if (!['rw', 'nosuid', 'nodev', 'exec', 'suid', 'noatime'].includes(name)) {
      throw new MkimageError('unsupported', `mount tmpfs \`${target}\`: option \`${option}\` is not supported`);
    }
  }
  return { kind: 'tmpfs', target, size, mode };
}
