import type { Writable } from 'node:stream';
import type { WaitCondition } from '../../../api/index.ts';
import { killContainer, stopContainer, waitContainer } from '../../../engine/containers/control.ts';
import { inspectContainer } from '../../../engine/containers/inspect.ts';
import { createQuietCall } from '../../../progress.ts';
import type { Exchange } from '../http/exchange.ts';
import { HttpFailure } from '../http/failure.ts';
import { readInteger } from '../http/query.ts';
import type { RouteTable } from '../http/router.ts';
import type { Daemon } from '../shared.ts';

/** A client that goes away does not stop what it has started: a container that is half started helps nobody. */
async function start(exchange: Exchange, { runs }: Daemon): Promise<void> {
  const isNew = await runs.start(exchange.parameters[0]!, createQuietCall());
  exchange.sendEmpty(isNew ? 204 : 304);
}

async function stop(exchange: Exchange, { services }: Daemon): Promise<void> {
  const wasRunning = await stopContainer(services, readStop(exchange));
  exchange.sendEmpty(wasRunning ? 204 : 304);
}

async function restart(exchange: Exchange, { services, runs }: Daemon): Promise<void> {
  const request = readStop(exchange);
  await stopContainer(services, request);
  await runs.start(request.container, createQuietCall());
  exchange.sendEmpty(204);
}

function readStop({ query, parameters }: Exchange) {
  return { container: parameters[0]!, timeout: readInteger(query, 't'), signal: query.get('signal') || undefined };
}

async function kill(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query, parameters } = exchange;
  await killContainer(services, { container: parameters[0]!, signal: query.get('signal') || undefined });
  exchange.sendEmpty(204);
}

const CONDITIONS: readonly string[] = ['not-running', 'next-exit', 'removed'] satisfies readonly WaitCondition[];

/** The header goes out at once, because a client starts the container only when it knows that somebody waits. */
async function wait(exchange: Exchange, { services, runs }: Daemon): Promise<void> {
  const { query, parameters, signal } = exchange;
  const condition = query.get('condition') || 'not-running';
  if (!CONDITIONS.includes(condition)) throw new HttpFailure(400, `invalid condition: "${condition}"`);
  const { Id: id } = await inspectContainer(services, parameters[0]!, { size: false });
  const request = { container: id, condition: condition as WaitCondition };
  const mark = runs.mark;
  let output: Writable | undefined;
  const whenWatching = () => {
    output = exchange.startStream('application/json');
  };
  const result = await waitContainer(services, request, { ...createQuietCall(), signal, whenWatching });
  const code = await runs.codeOf(id, mark);
  output?.end(`${JSON.stringify({ ...result, ...(code !== undefined && { StatusCode: code }) })}\n`);
}

export const LIFE_ROUTES: RouteTable<Daemon> = {
  'POST /containers/*/start': start,
  'POST /containers/*/stop': stop,
  'POST /containers/*/restart': restart,
  'POST /containers/*/kill': kill,
  'POST /containers/*/wait': wait,
};
