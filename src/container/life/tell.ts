import { tellEvent } from '../events.ts';
import type { ContainerHome } from '../home.ts';
import type { ContainerRecord } from '../record.ts';

/** An action, or one with more attributes. */
type Happening = string | { readonly action: string; readonly more?: Readonly<Record<string, string>> };

/** Tells what happened to a container, with its name, image and labels, as Docker does. */
export function tellContainer(home: ContainerHome, record: ContainerRecord, happening: Happening): void {
  const { action, more = {} } = typeof happening === 'string' ? { action: happening } : happening;
  const now = home.clock();
  const image = record.config.Image ?? record.image;
  tellEvent(home.directory, {
    status: action,
    id: record.id,
    from: image,
    Type: 'container',
    Action: action,
    Actor: { ID: record.id, Attributes: { ...record.config.Labels, image, name: record.name, ...more } },
    scope: 'local',
    time: Math.floor(now / 1000),
    timeNano: now * 1e6,
  });
}
