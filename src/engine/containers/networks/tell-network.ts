import { tellEvent } from '../../../container/index.ts';
import type { NetworkRecord } from '../../../network/index.ts';
import type { Services } from '../../services.ts';
import { openContainers } from '../open-containers.ts';

export interface NetworkHappening {
  readonly action: 'create' | 'destroy' | 'connect' | 'disconnect';
  readonly container?: string | undefined;
}

/** Tells what happened to a network, as Docker does. */
export async function tellNetwork(
  services: Services,
  { id, name }: NetworkRecord,
  { action, container }: NetworkHappening,
): Promise<void> {
  const { directory, clock } = await openContainers(services);
  const now = clock();
  tellEvent(directory, {
    status: action,
    id,
    from: '',
    Type: 'network',
    Action: action,
    Actor: { ID: id, Attributes: { name, type: 'bridge', ...(container !== undefined && { container }) } },
    scope: 'local',
    time: Math.floor(now / 1000),
    timeNano: now * 1e6,
  });
}
