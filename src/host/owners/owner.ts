/**
 * The owner of a file: the process that created it. The file's name contains it, so that leftovers of killed processes can be removed.
 *
 *   <scope>.<pid>.<start>     scope: first part of the boot id, pid namespace · start: clock ticks since boot
 *
 * The start time is necessary, because the kernel uses pids again.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { thisProcessId } from './this-process.ts';

export type Owner = string;

/** `unknown`: it belongs to another boot or another pid namespace, so it cannot be checked. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/** This process. */
export function thisOwner(): Owner {
  return ownerOf(thisProcessId());
}

/** The name of a process that runs now. */
export function ownerOf(pid: number): Owner {
  return `${readScope()}.${pid}.${readStartTime(pid) ?? 0}`;
}

/** Checks if the owner's process still runs. Returns `unknown` for a text that is not an owner. */
export function livenessOf(owner: Owner): Liveness {
  const [, where, pid, start] = /^([0-9a-f]{8}-\d{1,20})\.(\d{1,10})\.(\d{1,20})$/.exec(owner) ?? [];
  if (where === undefined || where !== readScope()) return 'unknown';
  return readStartTime(Number(pid)) === start ? 'alive' : 'dead';
}

function readScope(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
  return `${boot}-${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? 0}`;
}

/** Reads field 22 of /proc/<pid>/stat (proc(5)); undefined for a process that has ended, also if it is still a zombie. */
function readStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
