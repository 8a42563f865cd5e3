import { closeSync, openSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WindowSize } from '../../host/index.ts';
import { encodeFrame, FrameDecoder, JsonLog, type StreamName } from '../../process/index.ts';
import { formatTime } from '../home.ts';
import type { ContainerFolder, ContainerRecord, ContainerState } from '../record.ts';
import { type ContainerIo, openContainerIo } from '../streams/container-io.ts';
import { readOutputs } from '../streams/read-outputs.ts';
import { readLogOptions } from './log-options.ts';

/** Gets the output of a container as it arrives. Returns a promise while it cannot take more. */
export type OutputListener = (stream: StreamName, bytes: Buffer) => Promise<void> | undefined;

export interface MonitorOptions {
  readonly folder: ContainerFolder;
  readonly record: ContainerRecord;
  readonly state: ContainerState;
  readonly clock: () => number;
  readonly listener?: OutputListener | undefined;
}

/** The name of the socket for processes that attach, in the folder of the run. */
export const ATTACH_SOCKET = 'attach.sock';

/**
 * Reads the output of one running container: writes it to its log, and gives it to this process and to others that are attached.
 * At most one process monitors a container. If it ends, another continues, because the recorder keeps the pipes.
 */
export class ContainerMonitor {
  /** Resolves when all output is read: the container has ended. */
  readonly ended: Promise<void>;
  readonly #options: MonitorOptions;
  readonly #io: ContainerIo;
  readonly #log: JsonLog | undefined;
  readonly #clients = new Set<Socket>();
  readonly #server: Server;
  readonly #folder: number;
  #isReleased = false;

  constructor(options: MonitorOptions) {
    const { folder, record, state, clock } = options;
    this.#options = options;
    this.#io = openContainerIo(folder.run, state.recorder, record.config.Tty === true);
    this.#log = openLog(folder, record, clock);
    this.#folder = openSync(folder.run, 'r');
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#admit(socket));
    this.#server.on('error', () => {});
    this.#server.listen(`/proc/self/fd/${this.#folder}/${ATTACH_SOCKET}`);
    this.ended = this.#readAll();
  }

  /** The input of the container; undefined if it has none. */
  get input(): ContainerIo['input'] {
    return this.#io.input;
  }

  /** Stops reading; another process continues. */
  release(): Promise<void> {
    this.#isReleased = true;
    for (const { stream } of this.#io.outputs) stream.destroy();
    return this.ended;
  }

  /** False after `release`: the container may still run. */
  get isAtEnd(): boolean {
    return !this.#isReleased;
  }

  resize(size: WindowSize): void {
    this.#io.resize(size);
  }

  async #readAll(): Promise<void> {
    await readOutputs(this.#io, this.#options.state.recorderProcess, (name, chunk) => this.#take(name, chunk));
    this.#log?.finish();
    this.#log?.[Symbol.dispose]();
    this.#io.input?.destroy();
    for (const { stream } of this.#io.outputs) stream.destroy();
    for (const client of this.#clients) client.end();
    this.#server.close();
    closeSync(this.#folder);
  }

  #take(name: StreamName, chunk: Buffer): Promise<unknown> | undefined {
    this.#log?.write(name, chunk);
    const slow = [this.#options.listener?.(name, chunk), ...this.#send(name, chunk)].filter(
      (each) => each !== undefined,
    );
    return slow.length > 0 ? Promise.race([Promise.all(slow), sleep(PATIENCE_MS)]) : undefined;
  }

  /** An attached process that does not read is waited for, but not for ever. */
  #send(name: StreamName, chunk: Buffer): readonly (Promise<void> | undefined)[] {
    const frame = encodeFrame(name, chunk);
    return [...this.#clients].map((client) =>
      client.write(frame)
        ? undefined
        : new Promise<void>((resolve) => client.once('drain', resolve).once('close', resolve)),
    );
  }

  /** Input arrives in frames; an empty frame ends it. */
  #admit(client: Socket): void {
    const decoder = new FrameDecoder();
    client.on('error', () => client.destroy());
    client.on('close', () => this.#clients.delete(client));
    client.on('end', () => client.end());
    client.on('data', (chunk: Buffer) => {
      for (const { bytes } of decoder.push(chunk)) {
        if (bytes.length > 0) this.input?.write(Buffer.from(bytes));
        else if (this.#options.record.config.StdinOnce === true) this.input?.end();
      }
    });
    this.#clients.add(client);
  }
}

const PATIENCE_MS = 10_000;

function openLog(folder: ContainerFolder, { host }: ContainerRecord, clock: () => number): JsonLog | undefined {
  const { type, maxSize, maxFiles } = readLogOptions(host.LogConfig);
  if (type === 'none') return undefined;
  return new JsonLog({ file: folder.log, maxSize, maxFiles, now: () => formatTime(clock()) });
}
