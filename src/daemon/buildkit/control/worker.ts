import type { Config } from '../../../engine/config.ts';
import { createWorker, type WorkerRecord } from './build-messages.ts';

/** The version of BuildKit whose protocol this is: clients compare it to know what they may ask. */
export const VERSION = { package: 'mkimage', version: 'v0.34.2', revision: '', dockerfileVersion: '' };

/** The one worker. The label `snapshotter` tells buildx that images are stored as in containerd: whole, with indexes. */
export function describeWorker({ platform }: Pick<Config, 'platform'>): WorkerRecord {
  const { architecture, os, variant = '' } = platform;
  return createWorker({
    id: 'mkimage',
    labels: new Map([
      ['org.mobyproject.buildkit.worker.executor', 'oci'],
      ['org.mobyproject.buildkit.worker.snapshotter', 'overlayfs'],
      ['org.mobyproject.buildkit.worker.moby.host-gateway-ip', '127.0.0.1'],
    ]),
    platforms: [{ architecture, os, variant, osVersion: '' }],
    version: VERSION,
  });
}
