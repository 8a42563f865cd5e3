/**
 * A program of its own (`dist/trace.js`): runs one step whose processes are traced. It gets the step on descriptor 3, and answers there.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, readFileSync, readSync, writeSync } from 'node:fs';
import {
  dieWithParent,
  openMemoryFile,
  openPipe,
  recordAllAttributes,
  seizeProcess,
  thisProcessor,
} from '../../host/index.ts';
import { openStarter } from '../open-starter.ts';
import { callNumbers } from '../seccomp/numbers.ts';
import { readReport } from '../starter/report.ts';
import { assembleTable } from '../starter/table.ts';
import { Credentials } from './credentials.ts';
import { PathSpace } from './path-space.ts';
import { TRACED_CALLS, TraceLoop } from './trace-loop.ts';
import { tracedLines } from './traced-lines.ts';
import type { TracedStep } from './traced-step.ts';

const CHANNEL = 3;

dieWithParent();
recordAllAttributes();
const answer = run(JSON.parse(readFileSync(CHANNEL, 'utf8')));
writeSync(CHANNEL, JSON.stringify(answer));

function run(step: TracedStep): unknown {
  const space = new PathSpace(step.root);
  for (const mount of step.mounts) space.add(mount);
  makeWorkingDirectory(space, step);
  const numbers = callNumbers('x86_64');
  const handlers = new Map(
    Object.entries(TRACED_CALLS).flatMap(([name, handler]) => {
      const number = numbers.get(name);
      return number === undefined ? [] : [[number, handler] as const];
    }),
  );
  const socket = step.process.network === 'none' ? numbers.get('socket') : undefined;
  const table = assembleTable(tracedLines(step, { calls: [...handlers.keys()], socket }), thisProcessor());
  const [report, gate] = [openPipe(), openPipe()];
  const tableFile = openMemoryFile('mkimage-step', table.bytes, 'data');
  const starter = openStarter(step.scratch);
  const stdio = ['inherit', 'inherit', 'inherit', report.write, tableFile, starter.file, gate.read] as const;
  const child = spawn(starter.path, [], {
    argv0: 'mkimage-step',
    cwd: step.scratch,
    env: {},
    stdio: [...stdio],
    detached: true,
  });
  for (const file of [report.write, gate.read]) closeSync(file);
  child.unref(); // its end is waited for here, and not by Node
  const pid = child.pid!;
  seizeProcess(pid);
  writeSync(gate.write, '.');
  const { uid, gid, additionalGids } = step.process;
  const state = { credentials: new Credentials(uid, gid, additionalGids), umask: 0o022, program: '' };
  const status = new TraceLoop({ space, pid, state, handlers }).run();
  return outcomeOf(readAll(report.read), status, table);
}

function outcomeOf(bytes: Buffer, status: number, { calls }: ReturnType<typeof assembleTable>): unknown {
  const outcome = readReport(bytes, calls);
  if (outcome.kind === 'failed')
    return { kind: 'failed', doing: outcome.call?.doing ?? 'set up', errno: outcome.errno };
  if (outcome.kind === 'no-program') return outcome;
  const signal = status & 0x7f;
  return { kind: 'ended', code: signal === 0 ? (status >> 8) & 0xff : 128 + signal };
}

function readAll(file: number): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.alloc(4096);
    const length = readSync(file, chunk);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, length));
  }
}

/** Creates the working directory, as runtimes do. */
function makeWorkingDirectory(space: PathSpace, { process: { cwd } }: TracedStep): void {
  const { host } = space.resolve('/', Buffer.from(cwd).toString('latin1'), { pid: 1, follow: true });
  mkdirSync(host, { recursive: true });
}
