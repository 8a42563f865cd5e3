import { join } from 'node:path';
import { formatTime } from '../../../container/index.ts';
import { MkimageError } from '../../../errors.ts';
import {
  DEFAULT_NETWORK,
  ensureDefaultNetwork,
  findObstacle,
  NetworkFolder,
  type NetworkRecord,
} from '../../../network/index.ts';
import { FOLDERS } from '../../folders.ts';
import type { Services } from '../../services.ts';

export type NetworkServices = Pick<Services, 'config'>;

/** Networks that need no record: they are the host's, or nothing. */
export const PREDEFINED = ['host', 'none'] as const;

export function networkFolder({ config }: NetworkServices): NetworkFolder {
  return new NetworkFolder(join(config.root, FOLDERS.networks.path));
}

/** Finds a network by name, id or the start of an id. Throws `not-found`, `usage`. */
export async function findNetwork(services: NetworkServices, text: string): Promise<NetworkRecord> {
  if (text === DEFAULT_NETWORK) return ensureDefault(services);
  const all = networkFolder(services).networks();
  const exact = all.find(({ name, id }) => name === text || id === text);
  if (exact !== undefined) return exact;
  const fitting = text === '' ? [] : all.filter(({ id }) => id.startsWith(text));
  if (fitting.length > 1)
    throw new MkimageError('usage', `network ${text} is ambiguous (${fitting.length} matches found on ID prefix)`);
  if (fitting[0] !== undefined) return fitting[0];
  throw new MkimageError('not-found', `network ${text} not found`, { hint: 'list networks with `mkimage network ls`' });
}

export function ensureDefault(services: NetworkServices): Promise<NetworkRecord> {
  return ensureDefaultNetwork(networkFolder(services), formatTime(services.config.clock()));
}

/** Throws `unsupported` with the reason if this machine cannot connect containers to networks. */
export async function requireNetworks(services: NetworkServices, doing: string): Promise<void> {
  const obstacle = await findObstacle(networkFolder(services));
  if (obstacle !== undefined)
    throw new MkimageError(
      'unsupported',
      `${doing}: networks of containers cannot be had on this machine: ${obstacle}`,
      {
        hint: 'use `--network host` or `--network none`',
      },
    );
}
