import type { ContainerEvent, EventsRequest } from '../../api/index.ts';
import { readEvents as read } from '../../container/index.ts';
import type { Call } from '../../progress.ts';
import type { Services } from '../services.ts';
import { matchesLabels, refuseUnknownFilters } from './filters.ts';
import { openContainers } from './open-containers.ts';

const FILTERS = ['container', 'event', 'image', 'label', 'type', 'network', 'volume', 'scope'];

/** Reads events of containers: earlier ones since a time, and later ones until a time or until the call is aborted. */
export async function* readEvents(
  services: Services,
  { since, until, filters }: EventsRequest,
  { signal }: Call,
): AsyncGenerator<ContainerEvent> {
  refuseUnknownFilters(filters, FILTERS);
  const home = await openContainers(services);
  const follow = until === undefined || until > home.clock();
  const timer = new AbortController();
  const timeout = follow && until !== undefined ? setTimeout(() => timer.abort(), until - home.clock()) : undefined;
  try {
    for await (const event of read(home.directory, {
      since,
      follow,
      signal: AbortSignal.any([signal, timer.signal]),
    })) {
      if (until !== undefined && event.timeNano / 1e6 > until) return;
      if (matches(event, filters)) yield event;
    }
  } finally {
    clearTimeout(timeout);
  }
}

function matches(
  { Action, Type, Actor: { ID, Attributes }, from }: ContainerEvent,
  filters: EventsRequest['filters'],
): boolean {
  const any = (key: string, fits: (value: string) => boolean) => filters[key] === undefined || filters[key].some(fits);
  return (
    any('event', (value) => Action === value || Action.startsWith(`${value}:`)) &&
    any('type', (value) => Type === value) &&
    any('container', (value) => ID.startsWith(value) || Attributes.name === value) &&
    any('image', (value) => from === value) &&
    any('network', (value) => Type === 'network' && (Attributes.name === value || ID === value)) &&
    any('volume', (value) => Type === 'volume' && ID === value) &&
    matchesLabels(Attributes, filters)
  );
}
