import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecSettings } from '../../api/index.ts';
import { isMkimageError, MkimageError } from '../../errors.ts';
import { livenessOf, ownerOf, sendSignal } from '../../host/index.ts';
import { hasVariable, type ImageProcess, mergeEnvironment, resolveProcess } from '../../process/index.ts';
import type { Call } from '../../progress.ts';
import type { ContainerPrivileges, StartedContainer } from '../../sandbox/index.ts';
import type { ContainerHome } from '../home.ts';
import { openContainerTree, stackOf } from '../life/container-tree.ts';
import { readPrivileges } from '../life/privileges.ts';
import { settle } from '../life/settle.ts';
import { requestOf } from '../life/start.ts';
import type { ContainerFolder, ContainerRecord } from '../record.ts';
import { parseSignal } from '../signals.ts';
import { type ContainerIo, openContainerIo } from '../streams/container-io.ts';
import { type OpenedStreams, openStreams } from '../streams/open-streams.ts';
import { readOutputs, type TakeOutput } from '../streams/read-outputs.ts';
import { findExitCode, requireRunning, tellExec } from './create-exec.ts';
import type { ExecFolder, ExecRecord } from './exec-folder.ts';

/** A process in a container whose streams are open here. */
export interface RunningExec extends Pick<ContainerIo, 'input' | 'resize'> {
  readonly pid: number;
  /** Sends a signal, if it has not ended. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code when all output is read. */
  readonly exited: Promise<number>;
}

export interface StartExecOptions {
  readonly container: ContainerFolder;
  readonly folder: ExecFolder;
  /** Gets the output; undefined: nobody reads it, and it goes nowhere. */
  readonly take: TakeOutput | undefined;
  readonly call: Call;
}

/**
 * Starts a process in the namespaces and control groups of a running container. It has at most the container's privileges, or with
 * `Privileged` all capabilities. Throws `in-use`, and `step-failed` with the exit code 126, 127 or 128 if it cannot be started.
 */
export async function startExec(home: ContainerHome, options: StartExecOptions): Promise<RunningExec> {
  const { container, folder, take, call } = options;
  const record = folder.read();
  if (record.hasStarted) throw new MkimageError('in-use', `exec ${record.id} has been started already`);
  const state = await settle(home, container);
  requireRunning(container, state);
  folder.write({ ...record, hasStarted: true });
  try {
    const process = await resolveExec(home, { container, settings: record.settings }, call);
    using opened =
      take === undefined
        ? openNothing()
        : openExecStreams(folder, { settings: record.settings, owner: process, pid: state.pid });
    const started = await join(home, { container, folder, process, opened, record, pid: state.pid });
    const running: ExecRecord = {
      ...record,
      hasStarted: true,
      pid: started.pid,
      process: ownerOf(started.pid),
      recorderProcess: ownerOf(started.recorder),
    };
    folder.write(running);
    tellExec(home, record, { action: 'exec_start' });
    return watchExec(home, { folder, record: running, recorder: started.recorder, take });
  } catch (error) {
    const failedWith = (isMkimageError(error, 'step-failed') ? error.evidence?.exitCode : undefined) ?? 126;
    folder.write({ ...record, hasStarted: true, failedWith });
    throw error;
  }
}

interface Joining {
  readonly container: ContainerFolder;
  readonly folder: ExecFolder;
  readonly process: ImageProcess;
  readonly opened: OpenedStreams;
  readonly record: ExecRecord;
  readonly pid: number;
}

async function join(
  home: ContainerHome,
  { container, folder, process, opened, record, pid }: Joining,
): Promise<StartedContainer> {
  const groups = home.sandbox.groupsOf(container.id);
  const exit = openSync(folder.exit, 'a+', 0o600);
  try {
    return await home.sandbox.join({
      pid,
      scratch: folder.scratch,
      process,
      privileges: privilegesOf(home, container.record(), record.settings),
      streams: opened.streams,
      record: exit,
      prepare: async (joined) => groups.enter(joined),
    });
  } finally {
    closeSync(exit);
  }
}

/** As Docker: `--privileged` gives capabilities, but takes away neither the masked paths nor the filter of the container. */
function privilegesOf(home: ContainerHome, { host }: ContainerRecord, settings: ExecSettings): ContainerPrivileges {
  const ofContainer = readPrivileges(host, home.sandbox);
  return settings.Privileged === true ? { ...ofContainer, capabilities: 'all' } : ofContainer;
}

async function resolveExec(
  home: ContainerHome,
  { container, settings }: { readonly container: ContainerFolder; readonly settings: ExecSettings },
  call: Call,
): Promise<ImageProcess> {
  const record = container.record();
  const ofContainer = requestOf(record);
  const env = mergeEnvironment([...ofContainer.env, ...(settings.Env ?? [])]);
  const tree = openContainerTree(stackOf(await home.rootfs(record, container, call)));
  return resolveProcess(tree, {
    ...ofContainer,
    args: settings.Cmd ?? [],
    env: settings.Tty === true && !hasVariable(env, 'TERM') ? [...env, 'TERM=xterm'] : env,
    user: settings.User === undefined || settings.User === '' ? ofContainer.user : settings.User,
    workdir:
      settings.WorkingDir === undefined || settings.WorkingDir === '' ? ofContainer.workdir : settings.WorkingDir,
  });
}

function openExecStreams(
  folder: ExecFolder,
  asked: { readonly settings: ExecSettings; readonly owner: ImageProcess; readonly pid: number },
): OpenedStreams {
  const { Tty, AttachStdin } = asked.settings;
  const settings = { Tty: Tty === true, OpenStdin: AttachStdin === true, StdinOnce: true };
  return openStreams(folder.path, { settings, owner: asked.owner, terminalOf: asked.pid, isAttached: true });
}

/** Streams of a process that nobody listens to. */
function openNothing(): OpenedStreams {
  const file = openSync('/dev/null', 'r+');
  return {
    streams: { kind: 'pipes', stdin: file, stdout: file, stderr: file, hold: [], outputs: 0 },
    [Symbol.dispose]: () => closeSync(file),
  };
}

interface Watching extends Pick<StartExecOptions, 'folder' | 'take'> {
  readonly record: ExecRecord;
  readonly recorder: number;
}

function watchExec(home: ContainerHome, { folder, record, recorder, take }: Watching): RunningExec {
  const isTerminal = record.settings.Tty === true;
  const io = take === undefined ? NOTHING : openContainerIo(folder.path, recorder, isTerminal);
  const read = take === undefined ? untilGone(record) : readOutputs(io, record.recorderProcess, take);
  const exited = read.then(async () => {
    io.input?.destroy();
    for (const { stream } of io.outputs) stream.destroy();
    await untilGone(record);
    const code = findExitCode(home, folder, record) ?? 137;
    tellExec(home, record, { action: 'exec_die', exitCode: code });
    return code;
  });
  exited.catch(() => {});
  const kill = (signal: NodeJS.Signals) => {
    if (livenessOf(record.process) === 'alive') sendSignal(record.pid, parseSignal(signal));
  };
  return { pid: record.pid, input: io.input, resize: io.resize, kill, exited };
}

const NOTHING: ContainerIo = { outputs: [], input: undefined, resize: () => {} };
const PAUSE_MS = 5;

/** The recorder writes the exit code before it ends. */
async function untilGone({ recorderProcess, process }: ExecRecord): Promise<void> {
  while (livenessOf(recorderProcess) === 'alive' || livenessOf(process) === 'alive') await sleep(PAUSE_MS);
}
