import type { RouteTable } from '../http/router.ts';
import type { Daemon } from '../shared.ts';
import { ARCHIVE_ROUTES } from './archive.ts';
import { ATTACH_ROUTES } from './attach.ts';
import { BUILD_ROUTES } from './build.ts';
import { BUILDKIT_ROUTES } from './buildkit.ts';
import { CONTAINER_ROUTES } from './containers.ts';
import { EVENT_ROUTES } from './events.ts';
import { EXEC_ROUTES } from './exec.ts';
import { DISTRIBUTION_ROUTES } from './images/distribution.ts';
import { IMAGE_ROUTES } from './images/images.ts';
import { TRANSFER_ROUTES } from './images/transfers.ts';
import { LIFE_ROUTES } from './life.ts';
import { LOG_ROUTES } from './logs.ts';
import { NETWORK_ROUTES } from './networks.ts';
import { REFUSED_ROUTES } from './refused.ts';
import { STORE_ROUTES } from './store.ts';
import { SYSTEM_ROUTES } from './system.ts';
import { USAGE_ROUTES } from './usage.ts';
import { VOLUME_ROUTES } from './volumes.ts';
/** All routes; the first one that fits is used. */
export const ROUTES: RouteTable<Daemon> = {
  ...SYSTEM_ROUTES,
  ...EVENT_ROUTES,
  ...BUILDKIT_ROUTES,
  ...CONTAINER_ROUTES,
  ...LIFE_ROUTES,
  ...USAGE_ROUTES,
  ...LOG_ROUTES,
  ...ATTACH_ROUTES,
  ...ARCHIVE_ROUTES,
  ...EXEC_ROUTES,
  ...TRANSFER_ROUTES,
  ...IMAGE_ROUTES,
  ...DISTRIBUTION_ROUTES,
  ...VOLUME_ROUTES,
  ...NETWORK_ROUTES,
  ...STORE_ROUTES,
  ...BUILD_ROUTES,
  ...REFUSED_ROUTES,
};
