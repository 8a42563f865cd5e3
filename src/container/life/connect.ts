import { closeSync, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { MkimageError } from '../../errors.ts';
import { copyDescriptor, resizeTerminal, type WindowSize } from '../../host/index.ts';
import type { ContainerHome } from '../home.ts';
import type { ContainerFolder } from '../record.ts';
import { TERMINAL_DESCRIPTOR } from '../streams/container-io.ts';
import { ATTACH_SOCKET } from './monitor.ts';
import { isAlive, settle } from './settle.ts';

const PATIENCE_MS = 5000;
const PAUSE_MS = 20;

/**
 * Connects to the process that monitors a running container. Both directions have frames, and an empty frame ends the input. The
 * connection ends with the output of the container. Throws `in-use` if it does not run.
 */
export async function connectToMonitor(home: ContainerHome, folder: ContainerFolder): Promise<Socket> {
  for (let waited = 0; ; waited += PAUSE_MS) {
    await requireRunning(home, folder);
    const socket = await tryConnect(folder);
    if (socket !== undefined) return socket;
    if (waited >= PATIENCE_MS)
      throw new MkimageError('internal', `attach to container ${folder.id}: nobody monitors it`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function requireRunning(home: ContainerHome, folder: ContainerFolder): Promise<void> {
  const state = await settle(home, folder);
  if (isAlive(state)) return;
  throw new MkimageError('in-use', `Container ${folder.id} is not running`);
}

/** The path of a socket is short, so it is reached through a descriptor of its folder. */
function tryConnect(folder: ContainerFolder): Promise<Socket | undefined> {
  let file: number;
  try {
    file = openSync(folder.run, 'r');
  } catch {
    return Promise.resolve(undefined); // it has just ended
  }
  return new Promise((resolve) => {
    const socket = connect({ path: `/proc/self/fd/${file}/${ATTACH_SOCKET}`, allowHalfOpen: true });
    const finish = (found: Socket | undefined) => {
      socket.removeListener('connect', accept).removeListener('error', fail);
      closeSync(file);
      resolve(found);
    };
    const accept = () => finish(socket);
    const fail = () => finish(undefined);
    // The socket of the caller may fail later, which must not close a descriptor that is another one by then.
    socket.once('connect', accept).once('error', fail);
  });
}

/** Sets the size of a running container's terminal. One without a terminal stays as it is. Throws `in-use` if it does not run. */
export async function resizeContainer(home: ContainerHome, folder: ContainerFolder, size: WindowSize): Promise<void> {
  await requireRunning(home, folder);
  if (folder.record().config.Tty !== true) return;
  const terminal = copyDescriptor(folder.state().recorder, TERMINAL_DESCRIPTOR);
  try {
    resizeTerminal(terminal, size);
  } finally {
    closeSync(terminal);
  }
}
