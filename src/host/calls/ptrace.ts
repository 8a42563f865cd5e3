/** ptrace(2) and waitpid(2). All calls for a process must come from the same thread. */
import { bindForeign, createSystemError, readErrno } from './bind-foreign.ts';

const ptraceNumber = bindForeign('long ptrace(long request, long pid, ulong address, ulong data)');
const ptraceBytes = bindForeign('long ptrace(long request, long pid, ulong address, void *data)');
const waitpid = bindForeign('int waitpid(int pid, void *status, int options)');
const prctl = bindForeign('int prctl(int option, ulong a, ulong b, ulong c, ulong d)');

/** linux/ptrace.h. */
export const PTRACE = {
  cont: 7,
  getRegisters: 12,
  setRegisters: 13,
  syscall: 24,
  eventMessage: 0x4201,
  seize: 0x4206,
  listen: 0x4208,
} as const;
export const TRACE_EVENT = { fork: 1, vfork: 2, clone: 3, exec: 4, seccomp: 7, stop: 128 } as const;
const OPTIONS = 0x0010_0000 | 1 | 2 | 4 | 8 | 16 | 128; // EXITKILL, SYSGOOD, FORK, VFORK, CLONE, EXEC, SECCOMP
const WALL = 0x4000_0000;
const ECHILD = 10;
const ESRCH = 3;

/** Attaches to a process; all its future children are attached too, and all are killed when this process ends. */
export function seizeProcess(pid: number): void {
  if (ptraceNumber(PTRACE.seize, pid, 0, OPTIONS) !== 0) throw createSystemError('ptrace', String(pid));
}

/** Continues a stopped process. Ignores one that was killed meanwhile. */
export function resumeProcess(request: number, pid: number, signal = 0): void {
  if (ptraceNumber(request, pid, 0, signal) !== 0 && readErrno() !== ESRCH)
    throw createSystemError('ptrace', String(pid));
}

/** Copies the registers of a stopped process. Returns false if it was killed meanwhile. */
export function transferRegisters(request: number, pid: number, registers: BigUint64Array): boolean {
  return ptraceBytes(request, pid, 0, registers) === 0;
}

/** Returns what belongs to an event: the id of a new process. */
export function readEventMessage(pid: number): number {
  const message = new BigUint64Array(1);
  ptraceBytes(PTRACE.eventMessage, pid, 0, message);
  return Number(message[0]);
}

export interface WaitResult {
  readonly pid: number;
  readonly status: number;
}

/** Waits for an event of any attached process. Blocks this thread. Returns undefined if there is none left. */
export function waitForProcess(): WaitResult | undefined {
  const status = new Int32Array(1);
  for (;;) {
    const pid = waitpid(-1, status, WALL);
    if (pid > 0) return { pid, status: status[0]! };
    if (readErrno() === ECHILD) return undefined;
  }
}

/** Asks the kernel to kill this process when the one that started it ends. */
export function dieWithParent(): void {
  prctl(1, 9, 0, 0, 0);
}
