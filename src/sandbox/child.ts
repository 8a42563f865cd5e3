import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fchownSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { MkimageError } from '../errors.ts';
import { closeInheritedOnExec, openPipe } from '../host/index.ts';
import type { ExitStatus, RunningProcess } from './index.ts';
import { HOST_ENVIRONMENT, programPath } from './programs.ts';

/** How a step's chain of host programs is started. */
export interface ChildSpec {
  /** Options of unshare(1): what the step shares with nobody, besides its processes. */
  readonly namespaces: readonly string[];
  /** Program and arguments; it says `READY` on descriptor 3. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly stdin: Readable | undefined;
  /** Who the step's process will be: it must be able to open `/dev/stdout` again. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Runs once everything is gone, whatever the outcome. */
  readonly afterwards: () => void;
  readonly mountPoints: ReadonlySet<string>;
  /** Looks, after a status that is not 0, whether it was the sandbox that failed and not the program. */
  readonly verdict?: (code: number) => Verdict;
}

/** The program's exit code, or why it never ran. */
export type Verdict = { readonly code: number } | { readonly fault: string };

/** The last line that the chain writes on descriptor 3 once only the step's own program is left to start; else it failed. */
const READY = 'ready';

const SETUP = 3;

/**
 * Starts the chain below a process that is killed when this one dies, whose only child is the init of a pid namespace
 * around everything else: ending that init ends all at once, however often a step forks or changes its user.
 */
export function startChild(spec: ChildSpec, signal: AbortSignal): RunningProcess {
  closeInheritedOnExec();
  const [stdout, stderr] = [openOutput(spec.owner), openOutput(spec.owner)];
  const child = spawn(
    programPath('setpriv'),
    [...GUARD, 'unshare', ...spec.namespaces, '--', ...INIT, ...spec.command],
    {
      cwd: spec.cwd,
      env: HOST_ENVIRONMENT,
      stdio: [spec.stdin === undefined ? 'ignore' : 'pipe', stdout.write, stderr.write, 'pipe'],
      detached: true,
    },
  );
  closeSync(stdout.write);
  closeSync(stderr.write);
  if (spec.stdin !== undefined) feed(spec.stdin, child);
  const killing = new Killing(child);
  const kill = () => killing.begin();
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const exited = exitOf(child, spec.verdict, killing).finally(() => {
    signal.removeEventListener('abort', kill);
    spec.afterwards();
  });
  exited.catch(() => {});
  return { stdout: stdout.read, stderr: stderr.read, exited, kill, mountPoints: spec.mountPoints };
}

/** `--pdeathsig`: dies with mkimage. `--kill-child`: and takes the namespace's init with it. */
const GUARD = ['--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--kill-child=KILL', '--'] as const;

/**
 * The init of that namespace. A shell, because unshare(1) cannot pass on every signal that ends its child, and a shell
 * makes a number of any; it says nothing about that itself.
 */
const INIT = ['sh', '-c', 'exec 4>&2 2>/dev/null; "$@" 2>&4 4>&-; exit $?', 'sh'] as const;

function openOutput(owner: { readonly uid: number; readonly gid: number }): { read: Readable; write: number } {
  const pipe = openPipe();
  fchownSync(pipe.write, owner.uid, owner.gid);
  return { read: new Socket({ fd: pipe.read, readable: true, writable: false }), write: pipe.write };
}

function feed(stdin: Readable, child: ChildProcess): void {
  child.stdin?.on('error', () => {}); // the step need not read all of it
  if (child.stdin !== null) stdin.pipe(child.stdin);
}

/** Kills the namespace's init: its parent is then told only when all in it are gone. */
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

  /** There is no init yet while the programs before it start; they are only killed themselves if none comes. */
  #attempt(): void {
    if (this.#isOver()) {
      clearInterval(this.#timer);
      return;
    }
    this.#attempts += 1;
    const init = onlyChildOf(this.#child.pid!);
    if (init !== undefined || this.#attempts > PATIENCE) sendKill(init ?? this.#child.pid!);
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

function sendKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function exitOf(child: ChildProcess, verdict: ChildSpec['verdict'], killing: Killing): Promise<ExitStatus> {
  const setup: Buffer[] = [];
  (child.stdio[SETUP] as Readable | null)?.on('data', (chunk: Buffer) => setup.push(chunk));
  return new Promise((resolve, reject) => {
    const fail = (fault: string, cause?: Error) =>
      reject(new MkimageError('sandbox', `start step: ${fault}`, { cause }));
    child.once('error', (error) => fail(error.message, error));
    child.once('close', (code, signal) => {
      if (killing.begun || signal !== null) return resolve({ code: 137, signal: 'SIGKILL' });
      const result = judge(code ?? 0, Buffer.concat(setup).toString().trim(), verdict);
      if ('fault' in result) fail(result.fault);
      else resolve({ code: result.code, signal: undefined });
    });
  });
}

function judge(code: number, said: string, verdict: ChildSpec['verdict']): Verdict {
  if (said.split('\n').at(-1) !== READY) return { fault: said || `the sandbox ended with status ${code}` };
  return code === 0 || verdict === undefined ? { code } : verdict(code);
}

/**
 * Shell text for the process that sets a step up: each step must succeed and complains to descriptor 3; at the end only
 * 0, 1 and 2 are left open for `program`.
 */
export function setupScript(steps: readonly string[], program: string): string {
  const all = ['exec 4>&2 2>&3', ...steps, `echo ${READY} >&3`, 'exec 2>&4 3>&- 4>&-'];
  return `${all.map((step) => `${step} || exit 125`).join('\n')}\nexec ${program}`;
}
