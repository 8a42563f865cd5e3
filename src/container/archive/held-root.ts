import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createOwnedName, livenessOf, openPipe, ownerOf } from '../../host/index.ts';
import type { Call } from '../../progress.ts';
import type { ContainerSpec } from '../../sandbox/index.ts';
import type { Rootfs } from '../../snapshot/index.ts';
import type { ContainerHome } from '../home.ts';
import { holdContainer } from '../life/locks.ts';
import { listMounts } from '../life/mounts.ts';
import { writeNetworkFiles } from '../life/network-files.ts';
import { readPrivileges } from '../life/privileges.ts';
import { isAlive, settle } from '../life/settle.ts';
import type { ContainerFolder } from '../record.ts';
import { RootView } from './root-view.ts';

export interface RootPlace {
  readonly home: ContainerHome;
  readonly folder: ContainerFolder;
}

/**
 * Does work on the root of a container with everything that is mounted in it. A running container is used as it is; the root of a stopped
 * one is mounted meanwhile, and it cannot be started until the work is done.
 */
export async function withRoot<T>(
  { home, folder }: RootPlace,
  work: (view: RootView) => Promise<T>,
  call: Call,
): Promise<T> {
  const running = await settle(home, folder);
  if (isAlive(running)) return useRoot(running.pid, work);
  return holdContainer(folder, async () => {
    const state = await settle(home, folder);
    if (isAlive(state)) return useRoot(state.pid, work);
    await using held = await mountRoot(home, folder, call);
    return await useRoot(held.pid, work);
  });
}

async function useRoot<T>(pid: number, work: (view: RootView) => Promise<T>): Promise<T> {
  using view = new RootView(`/proc/${pid}/root`);
  return await work(view);
}

interface HeldRoot extends AsyncDisposable {
  readonly pid: number;
}

/**
 * Does work on the files of a container without anything that is mounted in it, as they are now. The root is mounted once more, so that
 * nothing that the container does meanwhile leads the reader elsewhere.
 */
export async function withFiles<T>(
  { home, folder }: RootPlace,
  work: (view: RootView) => Promise<T>,
  call: Call,
): Promise<T> {
  const rootfs = await home.rootfs(folder.record(), folder, call);
  const scratch = makeScratch(folder);
  const copy: Rootfs =
    rootfs.kind === 'overlay'
      ? {
          kind: 'overlay',
          lowers: [rootfs.upper, ...rootfs.lowers],
          upper: join(scratch, 'upper'),
          work: join(scratch, 'work'),
        }
      : rootfs;
  for (const name of ['upper', 'work']) mkdirSync(join(scratch, name));
  await using held = await hold({ home, folder, rootfs: copy, mounts: [], scratch });
  return await useRoot(held.pid, work);
}

async function mountRoot(home: ContainerHome, folder: ContainerFolder, call: Call): Promise<HeldRoot> {
  const record = folder.record();
  const rootfs = await home.rootfs(record, folder, call);
  writeNetworkFiles(folder, record);
  return hold({ home, folder, rootfs, mounts: listMounts(folder, record), scratch: makeScratch(folder), isOwn: true });
}

/** On the same file system as the root. */
function makeScratch(folder: ContainerFolder): string {
  const scratch = join(folder.path, createOwnedName('held'));
  mkdirSync(scratch, { mode: 0o700 });
  return scratch;
}

interface Holding extends RootPlace {
  readonly rootfs: Rootfs;
  readonly mounts: ContainerSpec['mounts'];
  readonly scratch: string;
  /** Mount points are made in the container itself. */
  readonly isOwn?: boolean;
}

async function hold(holding: Holding): Promise<HeldRoot> {
  const { home, folder, scratch, isOwn } = holding;
  const remove = () => rmSync(scratch, { recursive: true, force: true });
  const input = openPipe();
  const report = openSync(join(scratch, 'report'), 'a+', 0o600);
  const files = { stdin: input.read, nothing: openSync('/dev/null', 'r+'), report };
  try {
    const { pid, mountPoints } = await home.sandbox.hold(specOf(holding, files));
    const process = ownerOf(pid);
    const state = folder.state();
    if (isOwn === true)
      folder.writeState({ ...state, mountPoints: [...new Set([...state.mountPoints, ...mountPoints])] });
    return {
      pid,
      async [Symbol.asyncDispose]() {
        closeSync(input.write);
        await waitForEnd(process);
        remove();
      },
    };
  } catch (error) {
    closeSync(input.write);
    remove();
    throw error;
  } finally {
    for (const each of Object.values(files)) closeSync(each);
  }
}

interface HoldFiles {
  readonly stdin: number;
  readonly nothing: number;
  readonly report: number;
}

/** As for a start, but without network, devices and a program. */
function specOf(
  { home, folder, rootfs, mounts, scratch }: Holding,
  { stdin, nothing, report }: HoldFiles,
): ContainerSpec {
  const record = folder.record();
  const place = join(scratch, 'mounts');
  mkdirSync(place, { mode: 0o700 });
  return {
    id: record.id,
    scratch: place,
    rootfs,
    process: {
      ...{ args: ['-'], env: [], cwd: '/', uid: 0, gid: 0 },
      ...{ additionalGids: [], ulimits: [], shmSize: record.host.ShmSize ?? 64 * 2 ** 20 },
    },
    isReadonly: record.host.ReadonlyRootfs === true,
    hostname: '',
    mounts,
    devices: [],
    sysctls: {},
    privileges: readPrivileges(record.host, home.sandbox),
    namespaces: { network: 'host', pid: 'new', ipc: 'host', uts: 'host' },
    streams: { kind: 'pipes', stdin, stdout: nothing, stderr: nothing, hold: [], outputs: 0 },
    record: report,
    prepare: async () => {},
  };
}

const PAUSE_MS = 5;
const PATIENCE_MS = 5000;

/** The next mount of the root must not find this one. */
async function waitForEnd(process: string): Promise<void> {
  for (let waited = 0; livenessOf(process) === 'alive' && waited < PATIENCE_MS; waited += PAUSE_MS)
    await sleep(PAUSE_MS);
}
