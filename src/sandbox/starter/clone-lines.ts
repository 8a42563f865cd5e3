import type { ControlGroup } from '../devices/own-groups.ts';
import { ALL_ERRORS, type Label, type Line } from './table.ts';

/** linux/sched.h. */
export const CLONE = {
  newNamespace: 0x0002_0000,
  newCgroup: 0x0200_0000,
  newUts: 0x0400_0000,
  newIpc: 0x0800_0000,
  newPid: 0x2000_0000,
  newNetwork: 0x4000_0000,
} as const;
const CLONE_INTO_CGROUP = 0x2_0000_0000;
const SIGCHLD = 17;

const AT_FDCWD = -100;
const O_WRONLY = 1;
const O_CLOEXEC = 0o2000000;
const O_PATH = 0o10000000;
const O_DIRECTORY = 0o200000;

/** Creates a process in new namespaces. It continues at the label `child`. */
export function clone(namespaces: number, child: Label): Line {
  return { name: 'clone', args: [namespaces | SIGCHLD], doing: MAKE, onExpected: child };
}

const MAKE = 'make namespaces';

export interface GroupedChild {
  readonly namespaces: number;
  /** Undefined: the group of this process. */
  readonly group: ControlGroup | undefined;
  /** The lowest free descriptor. For a group of version 2 it is also open in the child. */
  readonly descriptor: number;
  readonly child: Label;
}

/** The same, in a control group. If the group cannot be entered, the child is in the group of its parent. */
export function cloneInto({ namespaces, group, descriptor, child }: GroupedChild): readonly Line[] {
  const plain = clone(namespaces, child);
  if (group === undefined) return [plain];
  if (group.version === 1) return [...enter(group, descriptor), plain];
  const [outside, cloned] = [Symbol('outside'), Symbol('cloned')];
  const doing = MAKE;
  const tolerated = { doing, tolerate: ALL_ERRORS, onTolerated: outside };
  const open = [AT_FDCWD, group.path, O_PATH | O_DIRECTORY | O_CLOEXEC];
  const how = cloneArguments(namespaces, descriptor);
  return [
    { name: 'openat', args: open, ...tolerated },
    { name: 'clone3', args: [how, how.length], ...tolerated, onExpected: child, onOther: cloned },
    { label: outside },
    plain,
    { label: cloned },
  ];
}

/**
 * Moves the process into a group of version 1; its future children inherit it. Uses `tasks`, which moves one thread in a tenth of a
 * millisecond; `cgroup.procs` (and every move in version 2) may wait for all processors.
 */
function enter({ path }: ControlGroup, descriptor: number): readonly Line[] {
  const outside = Symbol('outside');
  const doing = 'enter the control group';
  const tolerated = { doing, tolerate: ALL_ERRORS };
  return [
    { name: 'openat', args: [AT_FDCWD, `${path}/tasks`, O_WRONLY | O_CLOEXEC], ...tolerated, onTolerated: outside },
    { name: 'write', args: [descriptor, '0', 1], ...tolerated },
    { name: 'close', args: [descriptor], doing },
    { label: outside },
  ];
}

/** `struct clone_args` of linux/sched.h, up to the group. */
function cloneArguments(namespaces: number, group: number): Uint8Array {
  const words = new BigUint64Array(11);
  words[0] = BigInt(namespaces) | BigInt(CLONE_INTO_CGROUP);
  words[4] = BigInt(SIGCHLD);
  words[10] = BigInt(group);
  return new Uint8Array(words.buffer);
}
