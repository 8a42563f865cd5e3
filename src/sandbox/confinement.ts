import { existsSync, statSync } from 'node:fs';

/**
 * The restrictions of a step, the same for every backend: Docker's defaults (from moby `oci/defaults.go` and `oci/caps/defaults.go`).
 */

/** The bounding set of capabilities, without their `CAP_`. */
export const CAPABILITIES: readonly string[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
];

/** Files and directories of the kernel that are empty in a step. */
export const MASKED_PATHS: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];

/** Files and directories of the kernel that are read-only in a step. */
export const READONLY_PATHS: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

/** The device nodes of a step: name to number (Documentation/admin-guide/devices.txt). */
export const DEVICES = {
  null: { major: 1, minor: 3 },
  zero: { major: 1, minor: 5 },
  full: { major: 1, minor: 7 },
  random: { major: 1, minor: 8 },
  urandom: { major: 1, minor: 9 },
  tty: { major: 5, minor: 0 },
} as const;

/** A directory in the step's scratch, where a small filesystem with these nodes is mounted. */
export const NODES = 'nodes';

/** Symbolic links of /dev: name to target. */
export const DEVICE_LINKS: Readonly<Record<string, string>> = {
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
  ptmx: 'pts/ptmx',
};

/** Returns the paths that exist on this kernel, and if each is a directory. /proc and /sys are the same in every root. */
export function presentOnHost(
  paths: readonly string[],
): readonly { readonly path: string; readonly directory: boolean }[] {
  return paths.filter((path) => existsSync(path)).map((path) => ({ path, directory: statSync(path).isDirectory() }));
}
