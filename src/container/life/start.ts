import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMkimageError, MkimageError } from '../../errors.ts';
import { ownerOf } from '../../host/index.ts';
import { mergeEnvironment, type ProcessRequest, resolveProcess } from '../../process/index.ts';
import type { Call } from '../../progress.ts';
import type { ContainerSpec, NamespaceSource } from '../../sandbox/index.ts';
import { type ContainerHome, formatTime } from '../home.ts';
import { ContainerFolder, type ContainerRecord, type ContainerState } from '../record.ts';
import { openStreams } from '../streams/open-streams.ts';
import { openContainerTree, stackOf } from './container-tree.ts';
import { planDevices } from './devices.ts';
import { limitResources } from './limits.ts';
import { ContainerMonitor, type OutputListener } from './monitor.ts';
import { listMounts } from './mounts.ts';
import { writeNetworkFiles } from './network-files.ts';
import { readPrivileges } from './privileges.ts';
import { tellContainer } from './tell.ts';

export interface StartOptions {
  /** This process reads the output, and gives it to the listener. It holds the monitor lock. */
  readonly listener?: OutputListener | undefined;
  readonly isMonitored: boolean;
  /** Somebody is attached to the input. */
  readonly hasInput: boolean;
  readonly warn: (message: string) => void;
  readonly call: Call;
}

export interface StartedRun {
  readonly state: ContainerState;
  readonly monitor: ContainerMonitor | undefined;
}

/**
 * Starts a container that does not run. The caller holds the lock of the container. If the program cannot be started, the state gets the
 * exit code and the reason, and the error is thrown.
 */
export async function startRun(
  home: ContainerHome,
  folder: ContainerFolder,
  options: StartOptions,
): Promise<StartedRun> {
  const record = folder.record();
  try {
    return await startNow({ home, folder, record, options });
  } catch (error) {
    noteFailure(home, folder, error);
    throw error;
  }
}

function noteFailure(home: ContainerHome, folder: ContainerFolder, error: unknown): void {
  home.sandbox.groupsOf(folder.id).remove();
  rmSync(folder.run, { recursive: true, force: true });
  const exitCode = (isMkimageError(error, 'step-failed') ? error.evidence?.exitCode : undefined) ?? 128;
  const message = error instanceof Error ? error.message : String(error);
  folder.writeState({
    ...folder.state(),
    status: folder.state().run === 0 ? 'created' : 'exited',
    pid: 0,
    exitCode,
    error: message,
  });
}

interface Starting {
  readonly home: ContainerHome;
  readonly folder: ContainerFolder;
  readonly record: ContainerRecord;
  readonly options: StartOptions;
}

async function startNow(starting: Starting): Promise<StartedRun> {
  const { home, folder, record, options } = starting;
  const rootfs = await home.rootfs(record, folder, options.call);
  const scratch = makeRunFolder(folder);
  const process = await resolveProcess(openContainerTree(stackOf(rootfs)), requestOf(record));
  using opened = openStreams(folder.run, { settings: record.config, owner: process, isAttached: options.hasInput });
  writeNetworkFiles(folder, record);
  const groups = home.sandbox.createGroups(folder.id);
  const devices = planDevices(record);
  let network: Pick<ContainerState, 'endpoints' | 'ports'> = { endpoints: [], ports: {} };
  const spec: Omit<ContainerSpec, 'record'> = {
    id: record.id,
    scratch,
    rootfs,
    process,
    isReadonly: record.host.ReadonlyRootfs === true,
    hostname: record.config.Hostname ?? record.id.slice(0, 12),
    mounts: listMounts(folder, record),
    devices: devices.nodes,
    sysctls: record.host.Sysctls ?? {},
    privileges: readPrivileges(record.host, home.sandbox),
    namespaces: await namespacesOf(home, record),
    streams: opened.streams,
    prepare: async (pid) => {
      for (const warning of limitResources(groups, record, devices.rules)) options.warn(warning);
      groups.enter(pid);
      network = (await home.network?.connect(record, pid)) ?? network;
      if (network.endpoints.length > 0) writeNetworkFiles(folder, record, network.endpoints);
    },
  };
  const started = await startRecorded(home, folder, spec).catch(async (error: unknown) => {
    if (network.endpoints.length > 0) await home.network?.disconnect(record, { ...folder.state(), ...network });
    throw error;
  });
  const state = runningState(home, folder, { ...started, ...network });
  folder.writeState(state);
  tellContainer(home, record, 'start');
  const monitor = options.isMonitored
    ? new ContainerMonitor({ folder, record, state, clock: home.clock, listener: options.listener })
    : undefined;
  return { state, monitor };
}

function makeRunFolder(folder: ContainerFolder): string {
  rmSync(folder.run, { recursive: true, force: true });
  rmSync(folder.exit, { force: true });
  rmSync(folder.file('exec'), { recursive: true, force: true });
  const scratch = join(folder.run, 'scratch');
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  return scratch;
}

async function startRecorded(home: ContainerHome, folder: ContainerFolder, spec: Omit<ContainerSpec, 'record'>) {
  const record = openSync(folder.exit, 'a+', 0o600);
  try {
    return await home.sandbox.start({ ...spec, record });
  } finally {
    closeSync(record);
  }
}

function runningState(
  home: ContainerHome,
  folder: ContainerFolder,
  started: { readonly pid: number; readonly recorder: number; readonly mountPoints: ReadonlySet<string> } & Pick<
    ContainerState,
    'endpoints' | 'ports'
  >,
): ContainerState {
  const before = folder.state();
  const { pid, recorder, mountPoints, endpoints, ports } = started;
  return {
    ...before,
    status: 'running',
    pid,
    process: ownerOf(pid),
    recorder,
    recorderProcess: ownerOf(recorder),
    exitCode: 0,
    error: '',
    oomKilled: false,
    startedAt: formatTime(home.clock()),
    isStoppedByHand: false,
    run: before.run + 1,
    mountPoints: [...new Set([...before.mountPoints, ...mountPoints])],
    endpoints,
    ports,
    health: undefined,
  };
}

/** The container's settings are complete since it was created. */
export function requestOf({ argv, config, host }: ContainerRecord): ProcessRequest {
  return {
    args: argv,
    env: mergeEnvironment(config.Env ?? []),
    user: config.User ?? '',
    groups: host.GroupAdd ?? [],
    workdir: config.WorkingDir === undefined || config.WorkingDir === '' ? '/' : config.WorkingDir,
    ulimits: (host.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({ name: Name, soft: Soft, hard: Hard })),
    shmSize: host.ShmSize ?? 64 * 2 ** 20,
  };
}

async function namespacesOf(home: ContainerHome, { host }: ContainerRecord): Promise<ContainerSpec['namespaces']> {
  const { NetworkMode = '', IpcMode = '', PidMode = '', UTSMode = '' } = host;
  if (host.UsernsMode !== undefined && host.UsernsMode !== '' && host.UsernsMode !== 'host') {
    throw new MkimageError('unsupported', `use user namespace \`${host.UsernsMode}\`: only \`host\` is supported`);
  }
  const of = (mode: string) => sourceOf(home, mode);
  return { network: of(NetworkMode), ipc: of(IpcMode), pid: of(PidMode), uts: of(UTSMode) };
}

function sourceOf(home: ContainerHome, mode: string): NamespaceSource {
  if (mode === 'host') return 'host';
  const [, id] = /^container:(.+)$/.exec(mode) ?? [];
  if (id === undefined) return 'new';
  const state = new ContainerFolder(home.directory, id).state();
  if (state.status === 'running' || state.status === 'paused') return { join: state.pid };
  throw new MkimageError(
    'usage',
    `cannot join namespace of a non running container: ${id.slice(0, 12)} is ${state.status}`,
  );
}
