import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fchownSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { getSystemErrorMap } from 'node:util';
import { MkimageError } from '../errors.ts';
import { closeInheritedOnExec, killProcess, openMemoryFile, openPipe, thisProcessor } from '../host/index.ts';
import { tooLong } from './arguments.ts';
import type { ExitStatus, RunningProcess } from './index.ts';
import { openStarter } from './open-starter.ts';
import { type Outcome, readReport } from './starter/report.ts';
import { assembleTable, type Line, type Table } from './starter/table.ts';

/** Options for starting a step's processes. */
export interface ChildSpec {
  /** The calls of the starter, from the first process to the step's program. */
  readonly lines: readonly Line[];
  readonly cwd: string;
  readonly stdin: Readable | undefined;
  /** The user of the step's process, who must be able to open `/dev/stdout`. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Runs after all processes have ended, in any case. */
  readonly afterwards: () => void;
  readonly mountPoints: ReadonlySet<string>;
  /** Decides, for a status other than 0, if the sandbox failed or the program. */
  readonly verdict?: (code: number) => Verdict;
}

/** The program's exit code, or the reason why it did not run. */
export type Verdict = { readonly code: number } | { readonly fault: string };

const REPORT = 3;

/**
 * Starts the starter, which is killed when this process ends. Its table and the step's environment are in memory files only: not on
 * the disk, and not in the arguments of a process, which all users can read.
 */
export function startChild(spec: ChildSpec, signal: AbortSignal): RunningProcess {
  closeInheritedOnExec();
  const starter = openStarter(spec.cwd);
  const table = assembleTable(spec.lines, thisProcessor());
  const tableFile = openMemoryFile('mkimage-step', table.bytes, 'data');
  const [stdout, stderr] = [openOutput(spec.owner), openOutput(spec.owner)];
  const stdin = spec.stdin === undefined ? 'ignore' : 'pipe';
  let child: ChildProcess;
  try {
    child = spawn(starter.path, [], {
      argv0: 'mkimage-step',
      cwd: spec.cwd,
      env: {},
      stdio: [stdin, stdout.write, stderr.write, 'pipe', tableFile, starter.file],
      detached: true,
    });
  } finally {
    for (const file of [stdout.write, stderr.write, tableFile]) closeSync(file);
  }
  if (spec.stdin !== undefined) feed(spec.stdin, child);
  const killing = new Killing(child);
  const kill = () => killing.begin();
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const exited = exitOf(child, { table, verdict: spec.verdict, killing }).finally(() => {
    signal.removeEventListener('abort', kill);
    spec.afterwards();
  });
  exited.catch(() => {});
  return { stdout: stdout.read, stderr: stderr.read, exited, kill, mountPoints: spec.mountPoints };
}

function openOutput(owner: { readonly uid: number; readonly gid: number }): { read: Readable; write: number } {
  const pipe = openPipe();
  fchownSync(pipe.write, owner.uid, owner.gid);
  return { read: new Socket({ fd: pipe.read, readable: true, writable: false }), write: pipe.write };
}

function feed(stdin: Readable, child: ChildProcess): void {
  child.stdin?.on('error', () => {}); // the step may end before it has read everything
  if (child.stdin !== null) stdin.pipe(child.stdin);
}

/** Kills the init process of the pid namespace: the parent is notified only after all processes of the namespace have ended. */
class Killing {
  readonly #child: ChildProcess;
  #timer: NodeJS.Timeout | undefined;
  #attempts = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  get begun(): boolean {
    return this.#timer !== undefined;
  }

  begin(): void {
    if (this.begun || this.#isOver()) return;
    this.#timer = setInterval(() => this.#attempt(), RETRY_MS);
    this.#attempt();
  }

  /** The init process may not exist yet. If it does not appear soon, kills the process that starts it. */
  #attempt(): void {
    if (this.#isOver()) {
      clearInterval(this.#timer);
      return;
    }
    this.#attempts += 1;
    const init = onlyChildOf(this.#child.pid!);
    if (init !== undefined) killProcess(init);
    if (this.#attempts > PATIENCE) killProcess(this.#child.pid!); // it may be stopped, so it would never wait for the init process
  }

  #isOver(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

const RETRY_MS = 2;
const PATIENCE = 50;

function onlyChildOf(pid: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return children === '' ? undefined : Number(children.split(' ')[0]);
  } catch {
    return undefined;
  }
}

interface WatchedExit {
  readonly table: Table;
  readonly verdict: ChildSpec['verdict'];
  readonly killing: Killing;
}

function exitOf(child: ChildProcess, { table, verdict, killing }: WatchedExit): Promise<ExitStatus> {
  const report: Buffer[] = [];
  (child.stdio[REPORT] as Readable | null)?.on('data', (chunk: Buffer) => report.push(chunk));
  return new Promise((resolve, reject) => {
    const fail = (fault: string, cause?: Error) =>
      reject(new MkimageError('sandbox', `start step: ${fault}`, { cause }));
    child.once('error', (error) => fail(error.message, error));
    child.once('close', (_, signal) => {
      const outcome = readReport(Buffer.concat(report), table.calls);
      if (outcome.kind === 'silent' && signal !== null && signal !== 'SIGKILL')
        return fail(`the starter ended by ${signal}`);
      if (killing.begun || outcome.kind === 'silent') return resolve({ code: 137, signal: 'SIGKILL' });
      try {
        const result = judge(outcome, verdict);
        if ('fault' in result) fail(result.fault);
        else resolve({ code: result.code, signal: undefined });
      } catch (error) {
        reject(error);
      }
    });
  });
}

const E2BIG = 7;
const ENOENT = 2;

function judge(outcome: Exclude<Outcome, { kind: 'silent' }>, verdict: ChildSpec['verdict']): Verdict {
  if (outcome.kind === 'ended') {
    return outcome.code === 0 || verdict === undefined ? { code: outcome.code } : verdict(outcome.code);
  }
  if (outcome.kind === 'failed') return { fault: `${outcome.call?.doing ?? 'set up'}: ${errorText(outcome.errno)}` };
  if (outcome.errno === E2BIG) throw tooLong();
  return { code: outcome.errno === ENOENT ? 127 : 126 };
}

function errorText(errno: number): string {
  const [code, text] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, ''];
  return text === '' ? code : `${text} (${code})`;
}
