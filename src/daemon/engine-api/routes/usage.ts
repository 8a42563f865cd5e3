import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerStats } from '../../../api/index.ts';
import { pauseContainer, unpauseContainer } from '../../../engine/containers/usage/pause.ts';
import { measureContainer } from '../../../engine/containers/usage/stats.ts';
import { topContainer } from '../../../engine/containers/usage/top.ts';
import { updateContainer } from '../../../engine/containers/usage/update.ts';
import { readUpdate } from '../bodies/create-container.ts';
import type { Exchange } from '../http/exchange.ts';
import { readBoolean } from '../http/query.ts';
import type { RouteTable } from '../http/router.ts';
import { writeAll } from '../http/write-all.ts';
import type { Daemon } from '../shared.ts';

const PERIOD_MS = 1000;

/**
 * Measures once a second. Without `stream` one answer with two measurements, so that a client can compute percentages; with `one-shot` only
 * one. A container that does not run gives one answer without figures.
 */
async function stats(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { parameters, query, signal } = exchange;
  const container = parameters[0]!;
  const isStream = query.get('stream') === null || readBoolean(query, 'stream');
  let last: ContainerStats | undefined;
  const measure = async () => {
    last = await measureContainer(services, { container }, last);
    return last;
  };
  const first = await measure();
  const isRunning = first.memory_stats.usage !== undefined || first.pids_stats.current !== undefined;
  if (!isStream) {
    if (isRunning && !readBoolean(query, 'one-shot')) {
      await sleep(PERIOD_MS, undefined, { signal }).catch(() => {});
      await measure();
    }
    exchange.sendJson(200, last);
    return;
  }
  const output = exchange.startStream('application/json');
  for (;;) {
    await writeAll(output, `${JSON.stringify(last)}\n`, signal);
    await sleep(PERIOD_MS, undefined, { signal });
    await measure();
  }
}

async function top(exchange: Exchange, { services }: Daemon): Promise<void> {
  const args = (exchange.query.get('ps_args') ?? '').split(' ').filter(Boolean);
  exchange.sendJson(200, await topContainer(services, { container: exchange.parameters[0]!, arguments: args }));
}

async function update(exchange: Exchange, { services }: Daemon): Promise<void> {
  const request = { container: exchange.parameters[0]!, ...readUpdate(await exchange.readJson()) };
  const { warnings } = await updateContainer(services, request);
  exchange.sendJson(200, { Warnings: warnings });
}

export const USAGE_ROUTES: RouteTable<Daemon> = {
  'POST /containers/*/pause': async (exchange, { services }) => {
    await pauseContainer(services, { container: exchange.parameters[0]! });
    exchange.sendEmpty(204);
  },
  'POST /containers/*/unpause': async (exchange, { services }) => {
    await unpauseContainer(services, { container: exchange.parameters[0]! });
    exchange.sendEmpty(204);
  },
  'POST /containers/*/update': update,
  'GET /containers/*/top': top,
  'GET /containers/*/stats': stats,
};
