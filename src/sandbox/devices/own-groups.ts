/** The directory of a control group. In version 1, it belongs to the hierarchy of the devices controller. */
export interface ControlGroup {
  readonly version: 1 | 2;
  readonly path: string;
}

/** `/proc/self/mountinfo` and `/proc/self/cgroup` as text. */
export interface KernelTables {
  readonly mounts: string;
  readonly groups: string;
}

/**
 * Returns the group of a process in each hierarchy that can filter devices. Version 1 is first, because a hybrid system has its
 * controllers there. Reads the mount points from the tables. Omits hierarchies that are read-only, or where the group is not visible.
 */
export function ownGroups({ mounts, groups }: KernelTables): readonly ControlGroup[] {
  const all = mounts.split('\n').flatMap((line) => readMount(line) ?? []);
  return ([1, 2] as const).flatMap((version) => {
    const own = ownPath(groups, version);
    if (own === undefined) return [];
    const paths = all.filter((mount) => mount.version === version).flatMap((mount) => pathBelow(mount, own) ?? []);
    return [...new Set(paths)].map((path) => ({ version, path }));
  });
}

interface Hierarchy {
  readonly version: 1 | 2;
  /** The path in the hierarchy that is mounted. */
  readonly root: string;
  readonly place: string;
}

/** proc_pid_mountinfo(5): `36 31 0:33 / /sys/fs/cgroup/devices rw,relatime [tags] - cgroup cgroup rw,devices`. */
function readMount(line: string): Hierarchy | undefined {
  const fields = line.split(' ');
  const dash = fields.indexOf('-', 6);
  const [, , , root, place, options] = fields;
  const [type, , ofAll = ''] = dash < 0 ? [] : fields.slice(dash + 1);
  if (root === undefined || place === undefined || !isWritable(options) || !isWritable(ofAll)) return undefined;
  const known = { root: unescapeOctal(root), place: unescapeOctal(place) };
  if (type === 'cgroup2') return { version: 2, ...known };
  return type === 'cgroup' && ofAll.split(',').includes('devices') ? { version: 1, ...known } : undefined;
}

function isWritable(options: string | undefined): boolean {
  return options?.split(',')[0] === 'rw';
}

/** Decodes the octal escapes of spaces, tabs, newlines and backslashes. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** cgroups(7): `5:devices:/path`, and `0::/path` for version 2. */
function ownPath(groups: string, version: 1 | 2): string | undefined {
  for (const line of groups.split('\n')) {
    const [, id, controllers, path] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    const isIt = version === 2 ? id === '0' && controllers === '' : controllers?.split(',').includes('devices');
    if (isIt) return path;
  }
  return undefined;
}

/** Returns the path of a group below a mount; undefined if the mount shows another part, or the group is outside the namespace. */
function pathBelow({ root, place }: Hierarchy, own: string): string | undefined {
  if (own.split('/').includes('..')) return undefined;
  const top = root === '/' ? '' : root;
  if (own !== top && !own.startsWith(`${top}/`)) return undefined;
  return `${place}${own.slice(top.length)}`.replace(/\/$/, '');
}
