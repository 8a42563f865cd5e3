import { readEvents } from '../../../engine/containers/events.ts';
import { createQuietCall } from '../../../progress.ts';
import type { Exchange } from '../http/exchange.ts';
import { readFilters, readTime } from '../http/query.ts';
import type { RouteTable } from '../http/router.ts';
import { writeAll } from '../http/write-all.ts';
import type { Daemon } from '../shared.ts';

/** One object per line, as it happens. */
async function sendEvents(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query, signal } = exchange;
  const now = services.config.clock();
  const { daemon: _, ...filters } = readFilters(query);
  const request = { since: readTime(query, 'since') ?? now, until: readTime(query, 'until'), filters };
  const events = readEvents(services, request, { ...createQuietCall(), signal });
  const next = events.next(); // a bad filter is an error of its own
  await Promise.race([next, new Promise(setImmediate)]);
  const output = exchange.startStream('application/json');
  for (let step = await next; step.done !== true; step = await events.next())
    await writeAll(output, `${JSON.stringify(step.value)}\n`, signal);
  output.end();
}

export const EVENT_ROUTES: RouteTable<Daemon> = { 'GET /events': sendEvents };
