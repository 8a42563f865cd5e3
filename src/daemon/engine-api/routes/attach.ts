import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerDetails } from '../../../api/index.ts';
import { attachContainer, resizeContainer } from '../../../engine/containers/attach/attach.ts';
import { inspectContainer } from '../../../engine/containers/inspect.ts';
import { readLogs } from '../../../engine/containers/logs.ts';
import { encodeFrame, FrameDecoder } from '../../../process/index.ts';
import { createQuietCall } from '../../../progress.ts';
import type { Exchange } from '../http/exchange.ts';
import { HttpFailure } from '../http/failure.ts';
import { readBoolean, readInteger } from '../http/query.ts';
import type { RouteTable } from '../http/router.ts';
import { streamTypeOf } from '../http/stream-types.ts';
import type { Daemon } from '../shared.ts';
import { StreamClient } from './stream-client.ts';
import { takeInput, writeInput } from './take-input.ts';

/** docker-py loses output that arrives together with the head of the reply. */
const HEAD_MS = 20;

/** Connects a client with the streams of a container, which may start later. */
async function attach(exchange: Exchange, daemon: Daemon): Promise<void> {
  const { parameters, query, signal } = exchange;
  const details = await inspectContainer(daemon.services, parameters[0]!, { size: false });
  refusePaused(details);
  const monitor = details.State.Running ? await attachContainer(daemon.services, { container: details.Id }) : undefined;
  const client = openClient(exchange, details);
  try {
    if (monitor !== undefined || readBoolean(query, 'logs')) await sleep(HEAD_MS);
    if (readBoolean(query, 'logs')) await replayLog(exchange, daemon, { client, details });
    if (!readBoolean(query, 'stream')) client.end();
    else if (monitor !== undefined) followRunning(monitor, client);
    else followNextRun(daemon, client, details);
    signal.addEventListener('abort', () => client.end(), { once: true });
    await client.done;
  } finally {
    monitor?.destroy();
  }
}

function refusePaused({ State, Id }: ContainerDetails): void {
  if (!State.Paused) return;
  throw new HttpFailure(409, `container ${Id} is paused, unpause the container before attach`);
}

function openClient(exchange: Exchange, { Config }: ContainerDetails): StreamClient {
  const { query, minor } = exchange;
  const isTty = Config.Tty === true;
  return new StreamClient(exchange.hijack(streamTypeOf(isTty, minor)), {
    stdin: readBoolean(query, 'stdin') && Config.OpenStdin === true,
    stdout: readBoolean(query, 'stdout'),
    stderr: readBoolean(query, 'stderr'),
    isTty,
    detachKeys: query.get('detachKeys') || undefined,
  });
}

interface Replayed {
  readonly client: StreamClient;
  readonly details: ContainerDetails;
}

async function replayLog({ signal }: Exchange, { services }: Daemon, { client, details }: Replayed): Promise<void> {
  const request = { container: details.Id, stdout: true, stderr: true, follow: false };
  for await (const { log, stream } of readLogs(services, request, { ...createQuietCall(), signal }))
    await client.write(stream, Buffer.from(log));
}

/** Another process may monitor the container: its socket has frames in both directions. */
function followRunning(monitor: Duplex, client: StreamClient): void {
  const decoder = new FrameDecoder();
  monitor.on('error', () => client.end());
  monitor.on('data', (chunk: Buffer) => {
    const slow = decoder.push(chunk).map(({ stream, bytes }) => client.write(stream, bytes));
    const waits = slow.filter((each) => each !== undefined);
    if (waits.length === 0) return;
    monitor.pause();
    void Promise.all(waits).then(() => monitor.resume());
  });
  monitor.on('close', () => client.end()).on('end', () => client.end());
  client.giveInput({
    write: (bytes) => writeInput(monitor, encodeFrame('stdin', bytes)),
    end: () => void writeInput(monitor, encodeFrame('stdin', Buffer.alloc(0))),
  });
}

function followNextRun({ runs }: Daemon, client: StreamClient, { Id, Config }: ContainerDetails): void {
  const endsInput = Config.StdinOnce === true && Config.Tty !== true;
  const forget = runs.attachEarly(Id, {
    hasInput: client.hasInput,
    write: (stream, bytes) => client.write(stream, bytes),
    begin: (input) => {
      if (input !== undefined) client.giveInput(takeInput(input, endsInput));
    },
    end: () => client.end(),
  });
  void client.done.then(forget);
}

async function resize(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query, parameters } = exchange;
  const [rows = 0, columns = 0] = [readInteger(query, 'h'), readInteger(query, 'w')];
  if (rows > 65_535 || columns > 65_535) throw new HttpFailure(400, 'invalid size of a terminal');
  const size = { rows, columns };
  if (rows > 0 && columns > 0) await resizeContainer(services, { container: parameters[0]!, size });
  exchange.sendEmpty(200);
}

export const ATTACH_ROUTES: RouteTable<Daemon> = {
  'POST /containers/*/attach': attach,
  'POST /containers/*/resize': resize,
};
