/**
 * Who made a file: told by its name, so that what a killed process left behind can be known and removed.
 *
 *   <scope>.<pid>.<start>     scope: first part of the boot id, pid namespace · start: clock ticks since boot
 *
 * A pid alone is used again; a pid with its start time is not.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { thisProcessId } from './this-process.ts';

export type Owner = string;

/** `unknown`: it lives (or lived) on another boot or in another pid namespace, where we cannot look. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/** This process. */
export function thisOwner(): Owner {
  return `${scope()}.${thisProcessId()}.${startTime(thisProcessId()) ?? 0}`;
}

/** Whether the process behind an owner still runs. Texts that are no owner are `unknown`. */
export function livenessOf(owner: Owner): Liveness {
  const [, where, pid, start] = /^([0-9a-f]{8}-\d{1,20})\.(\d{1,10})\.(\d{1,20})$/.exec(owner) ?? [];
  if (where === undefined || where !== scope()) return 'unknown';
  return startTime(Number(pid)) === start ? 'alive' : 'dead';
}

function scope(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
  return `${boot}-${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? 0}`;
}

/** Field 22 of /proc/<pid>/stat (proc(5)); undefined for a process that is gone or only waits to be buried. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
