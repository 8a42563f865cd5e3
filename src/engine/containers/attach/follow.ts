import { Writable } from 'node:stream';
import {
  connectToMonitor,
  findContainer,
  type OutputListener,
  resizeContainer,
  settle,
} from '../../../container/index.ts';
import { MkimageError } from '../../../errors.ts';
import type { WindowSize } from '../../../host/index.ts';
import { encodeFrame, FrameDecoder } from '../../../process/index.ts';
import type { Call } from '../../../progress.ts';
import type { Services } from '../../services.ts';
import { waitContainer } from '../control.ts';
import { openContainers } from '../open-containers.ts';

export interface FollowOptions {
  readonly container: string;
  readonly listener: OutputListener;
  /** Input is passed on, if the container has one. */
  readonly hasInput: boolean;
}

/** The streams of a container that another process monitors. */
export interface FollowedContainer {
  readonly id: string;
  readonly isTty: boolean;
  readonly input: Writable | undefined;
  resize(size: WindowSize): void;
  /** The exit code, when the container has ended and its output is read. */
  readonly exited: Promise<number>;
  /** Leaves the container to itself. */
  release(): void;
}

/** Attaches to a running container. Throws `not-found`, and `in-use` if it does not run or is paused. */
export async function followContainer(
  services: Services,
  { container, listener, hasInput }: FollowOptions,
  call: Call,
): Promise<FollowedContainer> {
  const home = await openContainers(services);
  const folder = findContainer(home, container);
  const { config } = folder.record();
  refuseStopped((await settle(home, folder)).status);
  const leave = new AbortController();
  const signal = AbortSignal.any([call.signal, leave.signal]);
  const end = waitContainer(services, { container: folder.id }, { ...call, signal });
  end.catch(() => {}); // it is awaited below, if the output ends
  const socket = await connectToMonitor(home, folder);
  const decoder = new FrameDecoder();
  socket.on('error', () => {});
  const read = async () => {
    for await (const chunk of socket as AsyncIterable<Buffer>)
      for (const { stream, bytes } of decoder.push(chunk))
        await listener(stream === 'stderr' ? stream : 'stdout', bytes);
    return (await end).StatusCode;
  };
  return {
    id: folder.id,
    isTty: config.Tty === true,
    input: hasInput && config.OpenStdin === true ? writeFramesTo(socket) : undefined,
    resize: (size) => void resizeContainer(home, folder, size).catch(() => {}),
    exited: read(),
    release: () => {
      leave.abort();
      socket.destroy();
    },
  };
}

function refuseStopped(status: string): void {
  if (status === 'running') return;
  const advice: Readonly<Record<string, string>> = {
    paused: 'unpause it first',
    restarting: 'wait until it is running',
  };
  const kind = status === 'paused' || status === 'restarting' ? status : 'stopped';
  throw new MkimageError('in-use', `You cannot attach to a ${kind} container, ${advice[status] ?? 'start it first'}`);
}

/** An empty frame ends the input. */
function writeFramesTo(socket: NodeJS.WritableStream): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => void socket.write(encodeFrame('stdin', chunk), () => done()),
    final: (done) => void socket.write(encodeFrame('stdin', Buffer.alloc(0)), () => done()),
  });
}
