import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, readFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { getSystemErrorMap } from 'node:util';
import { MkimageError } from '../../errors.ts';
import { closeInheritedOnExec, openMemoryFile, openPipe, thisProcessor } from '../../host/index.ts';
import { tooLong } from '../arguments.ts';
import { openStarter } from '../open-starter.ts';
import type { Outcome } from '../starter/report.ts';
import { assembleTable, type Line, type Table } from '../starter/table.ts';
import type { ContainerStreams, StartedContainer } from './port.ts';
import { readOutcome, readPid } from './read-record.ts';

export interface RecorderSpec {
  readonly lines: readonly Line[];
  readonly cwd: string;
  readonly streams: ContainerStreams;
  readonly record: number;
  readonly program: string;
  readonly prepare: (pid: number) => Promise<void>;
}

/** The descriptors that the recorder keeps, and how many of them are outputs. */
export function heldBy(streams: ContainerStreams): { readonly held: readonly number[]; readonly outputs: number } {
  if (streams.kind === 'terminal') return { held: [streams.master], outputs: 1 };
  return { held: streams.hold, outputs: streams.outputs };
}

/** Starts a recorder and waits until its program runs. Throws if the program could not be started; then no process is left. */
export async function spawnRecorder(spec: RecorderSpec): Promise<Omit<StartedContainer, 'mountPoints'>> {
  closeInheritedOnExec();
  const starter = openStarter(spec.cwd);
  const table = assembleTable(spec.lines, thisProcessor());
  const tableFile = openMemoryFile('mkimage-container', table.bytes, 'data');
  const [ready, go] = [openPipe(), openPipe()];
  const mine = [ready.write, go.read, tableFile];
  let child: ChildProcess;
  try {
    child = spawn(starter.path, [], {
      argv0: 'mkimage-recorder',
      cwd: spec.cwd,
      env: {},
      stdio: [
        ...standardOf(spec.streams),
        spec.record,
        tableFile,
        starter.file,
        ready.write,
        go.read,
        ...heldBy(spec.streams).held,
      ],
      detached: true,
    });
  } finally {
    for (const file of mine) closeSync(file);
  }
  child.unref();
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (cause) => reject(new MkimageError('sandbox', `start container: ${cause.message}`, { cause })));
  });
  failed.catch(() => {});
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    return await Promise.race([failed, watchStart({ child, ready: ready.read, go: go.write, spec, table, gone })]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function standardOf(streams: ContainerStreams): readonly (number | 'ignore')[] {
  if (streams.kind === 'terminal') return [streams.slave, streams.slave, streams.slave];
  return [streams.stdin ?? 'ignore', streams.stdout, streams.stderr];
}

interface Starting {
  readonly child: ChildProcess;
  readonly ready: number;
  readonly go: number;
  readonly spec: RecorderSpec;
  readonly table: Table;
  readonly gone: Promise<void>;
}

/** The pid arrives on the pipe first; its end means that the program was executed, or that it failed. */
async function watchStart({
  child,
  ready,
  go,
  spec,
  table,
  gone,
}: Starting): Promise<Omit<StartedContainer, 'mountPoints'>> {
  const reader = new Reader(ready);
  let pid: number | undefined;
  try {
    pid = readPid(await reader.first());
    if (pid === undefined) {
      await gone;
      throw startError(readRecord(spec.record), { table, program: spec.program });
    }
    await spec.prepare(pid);
    writeSync(go, 'g');
  } finally {
    closeSync(go);
    if (pid === undefined) reader.close();
  }
  await reader.ended;
  const outcome = readOutcome(readRecord(spec.record), table.calls);
  if (outcome.kind === 'failed' || outcome.kind === 'no-program') throw startFailure(outcome, spec.program);
  return { pid, recorder: child.pid! };
}

function readRecord(descriptor: number): Buffer {
  return readFileSync(`/proc/self/fd/${descriptor}`);
}

function startError(
  record: Buffer,
  { table, program }: { readonly table: Table; readonly program: string },
): MkimageError {
  const outcome = readOutcome(record, table.calls);
  return outcome.kind === 'failed' || outcome.kind === 'no-program'
    ? startFailure(outcome, program)
    : new MkimageError('sandbox', 'start container: the recorder ended');
}

const E2BIG = 7;
const ENOENT = 2;
const ENOTDIR = 20;
const ENOEXEC = 8;

function startFailure(outcome: Extract<Outcome, { kind: 'failed' | 'no-program' }>, program: string): MkimageError {
  if (outcome.kind === 'failed') {
    const text = `start container: ${outcome.call?.doing ?? 'set up'}: ${errorText(outcome.errno)}`;
    return new MkimageError('step-failed', text, { evidence: { exitCode: 128 } });
  }
  const { errno } = outcome;
  if (errno === E2BIG) return tooLong();
  const isAbsent = errno === ENOENT || errno === ENOTDIR;
  const said = isAbsent
    ? program.includes('/')
      ? `stat ${program}: no such file or directory`
      : 'executable file not found in $PATH'
    : errno === ENOEXEC
      ? 'exec format error'
      : 'permission denied';
  return new MkimageError('step-failed', `start container: exec: "${program}": ${said}`, {
    evidence: { exitCode: isAbsent ? 127 : 126 },
  });
}

function errorText(errno: number): string {
  const [code, text] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, ''];
  return text === '' ? code : `${text} (${code})`;
}

/** Reads the pipe of a recorder. */
class Reader {
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);

  constructor(descriptor: number) {
    this.#socket = new Socket({ fd: descriptor, readable: true, writable: false });
    this.#socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
    });
    this.#socket.on('error', () => {});
    this.ended = new Promise((resolve) => this.#socket.once('close', () => resolve()));
  }

  /** The first record, or fewer bytes if the pipe ends before. */
  async first(): Promise<Buffer> {
    const arrived = new Promise<void>((resolve) => {
      const look = () => this.#bytes.length >= 16 && resolve();
      this.#socket.on('data', look);
      look();
    });
    await Promise.race([arrived, this.ended]);
    return this.#bytes;
  }

  close(): void {
    this.#socket.destroy();
  }
}
