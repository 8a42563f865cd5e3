import { CLONE, clone } from '../starter/clone-lines.ts';
import { RECORD_SIZE, REPORT } from '../starter/process-tree.ts';
import { ALL_ERRORS, FAILURE, LAST_RESORT, type Line } from '../starter/table.ts';
import type { NamespaceSource } from './port.ts';

/** Descriptors of the recorder, in the order of the `stdio` of its parent. 4 and 5 are the table and the starter, which are closed. */
export const READY = 6;
export const GO = 7;
export const HOLD = 8;
/** The first word of the record with the pid: above all numbers of programs, and below all addresses of calls. */
export const PID_RECORD = 0x0f00_0000;

const FAILED = 125;
const AT_FDCWD = -100;
const O_CLOEXEC = 0o2000000;
const EBADF = 9;
/** Milliseconds between two looks at outputs that nobody has read yet. */
const PAUSE_NS = 4_000_000;
const POLLIN = 1;
const F_SETFD = 2;
const FD_CLOEXEC = 1;

export interface RecorderTree {
  /** Flags of clone(2). */
  readonly namespaces: number;
  /** Calls of the recorder before it clones: joins namespaces. */
  readonly before: readonly Line[];
  /** Calls of the process. The last one does not return if it succeeds. */
  readonly inside: readonly Line[];
  /** The number of descriptors from `HOLD` on, and how many of them are outputs. */
  readonly held: number;
  readonly outputs: number;
}

/**
 * The recorder and its only child. The child waits for a byte, which is sent when its surroundings are prepared, and ends if the sender
 * ends. The recorder appends the pid and later the wait status to the record file. Then it waits until all outputs are read, because the
 * kernel drops the content of a pipe that no process has open.
 */
export function recorderTree({ namespaces, before, inside, held, outputs }: RecorderTree): readonly Line[] {
  const started = { words: [PID_RECORD, 0] };
  const ended = { words: [0, 0] };
  return [
    { name: 'close', args: [4], doing: 'close a descriptor' },
    { name: 'close', args: [5], doing: 'close a descriptor', tolerate: [EBADF] },
    { name: 'close_range', args: [HOLD + held, 0xffff_ffff, 0], doing: 'close descriptors' },
    ...before,
    { ...clone(namespaces, 'inside'), keep: { ...started, offset: 8 } },
    { name: 'write', args: [REPORT, started, RECORD_SIZE], doing: 'record the process', expect: RECORD_SIZE },
    { name: 'write', args: [READY, started, RECORD_SIZE], doing: 'report the process', tolerate: ALL_ERRORS },
    { name: 'close', args: [READY], doing: 'close a pipe' },
    { name: 'close', args: [GO], doing: 'close a pipe' },
    { name: 'wait4', args: [-1, { ...ended, offset: 8 }, 0, 0], doing: 'wait for the process' },
    { name: 'write', args: [REPORT, ended, RECORD_SIZE], doing: 'record the end', expect: RECORD_SIZE },
    ...waitForReaders(outputs),
    { name: 'exit_group', args: [0], doing: 'end' },

    { label: LAST_RESORT },
    { name: 'write', args: [REPORT, FAILURE, RECORD_SIZE], doing: 'report a failure', tolerate: ALL_ERRORS },
    { label: 'failed' },
    { name: 'exit_group', args: [FAILED], doing: 'end' },

    { label: 'inside' },
    { name: 'close_range', args: [HOLD, 0xffff_ffff, 0], doing: 'close descriptors' },
    { name: 'read', args: [GO, new Uint8Array(8), 1], doing: 'wait for the start', expect: 1, onOther: 'failed' },
    { name: 'close', args: [GO], doing: 'close a pipe' },
    { name: 'fcntl', args: [READY, F_SETFD, FD_CLOEXEC], doing: 'close the report on exec' },
    { name: 'setsid', args: [], doing: 'make a session' },
    ...inside,
  ];
}

function waitForReaders(outputs: number): readonly Line[] {
  if (outputs === 0) return [];
  const [look, pause, done] = [Symbol('look'), Symbol('pause'), Symbol('done')];
  const entries = Buffer.alloc(8 * outputs);
  for (let at = 0; at < outputs; at++) {
    entries.writeInt32LE(HOLD + at, at * 8);
    entries.writeInt16LE(POLLIN, at * 8 + 4);
  }
  const span = Buffer.from(new BigInt64Array([0n, BigInt(PAUSE_NS)]).buffer);
  return [
    { label: look },
    {
      name: 'ppoll',
      args: [entries, outputs, new Uint8Array(16), 0, 0],
      doing: 'look for unread output',
      onExpected: done,
      onOther: pause,
      tolerate: ALL_ERRORS,
      onTolerated: done,
    },
    { label: pause },
    {
      name: 'nanosleep',
      args: [span, 0],
      doing: 'wait for readers',
      tolerate: ALL_ERRORS,
      onExpected: look,
      onOther: look,
      onTolerated: look,
    },
    { label: done },
  ];
}

const KINDS = {
  network: { file: 'net', flag: CLONE.newNetwork },
  pid: { file: 'pid', flag: CLONE.newPid },
  ipc: { file: 'ipc', flag: CLONE.newIpc },
  uts: { file: 'uts', flag: CLONE.newUts },
} as const;

/** Splits namespaces into those that are created, as flags of clone(2), and the calls that join others. `descriptor` is the lowest free. */
export function enterNamespaces(
  wanted: Readonly<Record<keyof typeof KINDS, NamespaceSource>>,
  descriptor: number,
): { readonly flags: number; readonly lines: readonly Line[] } {
  let flags = 0;
  const lines: Line[] = [];
  for (const [kind, { file, flag }] of Object.entries(KINDS) as [
    keyof typeof KINDS,
    { file: string; flag: number },
  ][]) {
    const source = wanted[kind];
    if (source === 'new') flags |= flag;
    if (typeof source === 'object') lines.push(...joinNamespace(`/proc/${source.join}/ns/${file}`, flag, descriptor));
  }
  return { flags, lines };
}

function joinNamespace(path: string, flag: number, descriptor: number): readonly Line[] {
  const doing = `join the namespace \`${path}\``;
  return [
    { name: 'openat', args: [AT_FDCWD, path, O_CLOEXEC], doing },
    { name: 'setns', args: [descriptor, flag], doing },
    { name: 'close', args: [descriptor], doing },
  ];
}
