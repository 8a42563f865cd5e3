/** Follows all processes of a step, and makes or changes their calls. Blocks the thread until the step's own process has ended. */
import { readFileSync } from 'node:fs';
import { killProcess, PTRACE, readEventMessage, resumeProcess, TRACE_EVENT, waitForProcess } from '../../host/index.ts';
import { ATTRIBUTE_CALLS } from './attribute-calls.ts';
import { type Handler, TracedCall, type TracedState } from './call.ts';
import { FILE_CALLS } from './file-calls.ts';
import { PATH_CALLS } from './path-calls.ts';
import type { PathSpace } from './path-space.ts';
import { Tracee } from './tracee.ts';
import { USER_CALLS } from './user-calls.ts';

/** Every call that stops the process, by name. */
export const TRACED_CALLS: Readonly<Record<string, Handler>> = {
  ...PATH_CALLS,
  ...FILE_CALLS,
  ...ATTRIBUTE_CALLS,
  ...USER_CALLS,
};

const SIGTRAP = 5;
const CALL_STOP = SIGTRAP | 0x80;
/** SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU. */
const STOPS: readonly number[] = [19, 20, 21, 22];
const EIO = -5;
const SKIPPED = -1;

interface Process {
  readonly tracee: Tracee;
  readonly state: TracedState;
  /** A call that the kernel makes now, with other arguments. */
  pending: TracedCall | undefined;
}

export interface TraceOptions {
  readonly space: PathSpace;
  /** The step's own process, attached. */
  readonly pid: number;
  readonly state: TracedState;
  /** Numbers of the calls. */
  readonly handlers: ReadonlyMap<number, Handler>;
}

export class TraceLoop {
  readonly #options: TraceOptions;
  readonly #processes = new Map<number, Process>();

  constructor(options: TraceOptions) {
    this.#options = options;
    this.#add(options.pid, options.state);
  }

  /** Returns the wait status of the step's own process. Its other processes are killed. */
  run(): number {
    for (;;) {
      const event = waitForProcess();
      if (event === undefined) return 0;
      const { pid, status } = event;
      if ((status & 0xff) === 0x7f) this.#handleStop(pid, status);
      else {
        this.#remove(pid);
        if (pid === this.#options.pid) return this.#finish(status);
      }
    }
  }

  #finish(status: number): number {
    for (const pid of this.#processes.keys()) killProcess(pid);
    while (this.#processes.size > 0) {
      const event = waitForProcess();
      if (event === undefined) break;
      if ((event.status & 0xff) !== 0x7f) this.#remove(event.pid);
      else {
        if (!this.#processes.has(event.pid)) this.#add(event.pid, this.#options.state);
        killProcess(event.pid);
      }
    }
    return status;
  }

  #add(pid: number, state: TracedState): Process {
    const added = { tracee: new Tracee(pid), state, pending: undefined };
    this.#processes.set(pid, added);
    return added;
  }

  #remove(pid: number): void {
    this.#processes.get(pid)?.tracee.close();
    this.#processes.delete(pid);
  }

  #handleStop(pid: number, status: number): void {
    const [signal, event] = [(status >> 8) & 0xff, status >> 16];
    // The first stop of a new process may come before the event of its parent.
    const stopped = this.#processes.get(pid) ?? this.#add(pid, copyState(this.#options.state));
    if (event === TRACE_EVENT.seccomp) this.#handleCall(stopped);
    else if (event === TRACE_EVENT.fork || event === TRACE_EVENT.vfork || event === TRACE_EVENT.clone) {
      this.#follow(stopped, readEventMessage(pid));
      this.#continue(stopped);
    } else if (event === TRACE_EVENT.exec) {
      stopped.tracee.close();
      stopped.pending = undefined;
      this.#continue(stopped);
    } else if (event === TRACE_EVENT.stop) resumeProcess(STOPS.includes(signal) ? PTRACE.listen : PTRACE.cont, pid);
    else if (signal === CALL_STOP) this.#handleEnd(stopped);
    else this.#continue(stopped, event === 0 ? signal : 0);
  }

  /** Continues, and stops again at the end of a call with other arguments. */
  #continue({ tracee, pending }: Process, signal = 0): void {
    resumeProcess(pending === undefined ? PTRACE.cont : PTRACE.syscall, tracee.pid, signal);
  }

  #follow({ tracee, state }: Process, pid: number): void {
    const shared = isThread(pid, tracee.pid) ? state : copyState(state);
    const known = this.#processes.get(pid);
    if (known === undefined) this.#add(pid, shared);
    else this.#processes.set(pid, { ...known, state: shared });
  }

  #handleCall(stopped: Process): void {
    const { tracee, state } = stopped;
    if (!tracee.load()) return;
    const handler = this.#options.handlers.get(tracee.call);
    const call = new TracedCall(tracee, state, this.#options.space);
    const outcome = handler === undefined ? undefined : attempt(handler, call);
    if (outcome !== undefined) {
      if (call.before !== undefined) tracee.restore(call.before);
      tracee.call = SKIPPED;
      tracee.result = outcome;
      tracee.store();
    } else if (call.before !== undefined || call.afterwards !== undefined) {
      tracee.store();
      stopped.pending = call;
    }
    this.#continue(stopped);
  }

  #handleEnd(stopped: Process): void {
    const call = stopped.pending;
    stopped.pending = undefined;
    if (call !== undefined && stopped.tracee.load()) {
      if (call.before !== undefined) stopped.tracee.restore(call.before);
      const { afterwards } = call;
      if (afterwards !== undefined) attempt(() => afterwards(stopped.tracee.result), call);
      stopped.tracee.store();
    }
    this.#continue(stopped);
  }
}

function attempt(handler: Handler, call: TracedCall): number | undefined {
  try {
    return handler(call);
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    return typeof errno === 'number' && errno < 0 ? errno : EIO;
  }
}

function copyState(state: TracedState): TracedState {
  return { ...state, credentials: state.credentials.copy() };
}

function isThread(pid: number, parent: number): boolean {
  const group = (id: number) => /^Tgid:\t(\d+)$/m.exec(readFileSync(`/proc/${id}/status`, 'latin1'))?.[1];
  try {
    return group(pid) === group(parent);
  } catch {
    return false; // it has ended
  }
}
