/** `mkimage info`: the store, and how steps can run on this machine. */
import type { MachineInfo } from '../../api/index.ts';
import type { Services } from '../services.ts';

/** Tests every isolation with a real step. Results of earlier tests are used if nothing has changed since. */
export async function describeMachine(
  services: Pick<Services, 'config' | 'snapshotter' | 'isolations'>,
): Promise<MachineInfo> {
  const { root, platform, isolation: wanted = 'auto', limits } = services.config;
  const isolations = await services.isolations();
  const isolation = isolations.find(({ name, usable }) => usable && (wanted === 'auto' || name === wanted))?.name;
  const { name: snapshotter } = await services.snapshotter();
  return { root, platform, snapshotter, wanted, isolation, isolations, limits: { ...limits } };
}
