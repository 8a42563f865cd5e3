import { join } from 'node:path';
import type { VolumeHome } from '../../container/index.ts';
import { FOLDERS } from '../folders.ts';
import type { Services } from '../services.ts';

export function volumeHome({ config }: Pick<Services, 'config'>): VolumeHome {
  return { directory: join(config.root, FOLDERS.volumes.path), clock: config.clock };
}
