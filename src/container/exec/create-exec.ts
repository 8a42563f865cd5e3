import { randomBytes } from 'node:crypto';
import type { ExecDetails, ExecSettings } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import type { ContainerHome } from '../home.ts';
import { isAlive, settle } from '../life/settle.ts';
import { tellContainer } from '../life/tell.ts';
import { ContainerFolder, type ContainerState, listContainerIds } from '../record.ts';
import { ExecFolder, type ExecRecord, isExecRunning } from './exec-folder.ts';

/** Notes a process that shall run in a container. Returns its ID. Throws `in-use` if the container does not run, `usage` without a command. */
export async function createExec(
  home: ContainerHome,
  container: ContainerFolder,
  settings: ExecSettings,
): Promise<string> {
  requireRunning(container, await settle(home, container));
  if ((settings.Cmd ?? []).length === 0) throw new MkimageError('usage', 'No exec command specified');
  const id = randomBytes(32).toString('hex');
  const record: ExecRecord = {
    id,
    container: container.id,
    settings,
    pid: 0,
    process: '',
    recorderProcess: '',
    hasStarted: false,
  };
  new ExecFolder(container, id).create(record);
  tellExec(home, record, { action: 'exec_create' });
  return id;
}

/** Throws `in-use`, in Docker's words. */
export function requireRunning({ id }: ContainerFolder, state: ContainerState): void {
  if (state.status === 'paused')
    throw new MkimageError('in-use', `Container ${id} is paused, unpause the container before exec`);
  if (state.status === 'restarting')
    throw new MkimageError('in-use', `Container ${id} is restarting, wait until the container is running`);
  if (!isAlive(state)) throw new MkimageError('in-use', `container ${id} is not running`);
}

export function tellExec(
  home: ContainerHome,
  { id, container, settings }: ExecRecord,
  { action, exitCode }: { readonly action: 'exec_create' | 'exec_start' | 'exec_die'; readonly exitCode?: number },
): void {
  const folder = new ContainerFolder(home.directory, container);
  const name = action === 'exec_die' ? action : `${action}: ${(settings.Cmd ?? []).join(' ')}`;
  const more = { execID: id, ...(exitCode !== undefined && { exitCode: String(exitCode) }) };
  if (folder.exists()) tellContainer(home, folder.record(), { action: name, more });
}

/** Finds a process by its ID. Throws `not-found`. */
export function findExec(
  home: ContainerHome,
  id: string,
): { readonly container: ContainerFolder; readonly folder: ExecFolder } {
  for (const each of listContainerIds(home.directory)) {
    const container = new ContainerFolder(home.directory, each);
    const folder = new ExecFolder(container, id);
    if (/^[0-9a-f]{64}$/.test(id) && isThere(folder)) return { container, folder };
  }
  throw new MkimageError('not-found', `No such exec instance: ${id}`);
}

function isThere(folder: ExecFolder): boolean {
  try {
    return folder.read().id !== '';
  } catch {
    return false;
  }
}

/** Returns a process as `GET /exec/{id}/json` of Docker does. */
export function describeExec(home: ContainerHome, folder: ExecFolder): ExecDetails {
  const record = folder.read();
  const { settings } = record;
  const [entrypoint = '', ...args] = settings.Cmd ?? [];
  return {
    ID: record.id,
    Running: isExecRunning(record),
    ExitCode: findExitCode(home, folder, record) ?? null,
    ProcessConfig: {
      tty: settings.Tty === true,
      entrypoint,
      arguments: args,
      privileged: settings.Privileged === true,
      ...(settings.User !== undefined && settings.User !== '' && { user: settings.User }),
    },
    OpenStdin: settings.AttachStdin === true,
    OpenStderr: settings.AttachStderr === true,
    OpenStdout: settings.AttachStdout === true,
    CanRemove: false,
    ContainerID: record.container,
    DetachKeys: settings.DetachKeys ?? '',
    Pid: record.pid,
  };
}

/** Undefined: it has not ended. 137 if it was killed together with its container. */
export function findExitCode(home: ContainerHome, folder: ExecFolder, record: ExecRecord): number | undefined {
  if (record.failedWith !== undefined) return record.failedWith;
  if (!record.hasStarted || isExecRunning(record)) return undefined;
  return home.sandbox.readEnd(folder.exitRecord())?.code ?? 137;
}
