import { measureDiskBytes, removeInProcesses } from '../host/index.ts';
import type { ChainId } from '../oci/index.ts';
import type { ChainDirectory } from './chain-directory.ts';

/**
 * Removes leftovers of dead processes, chains that are not kept, and their short names. Each chain is first renamed, so that it is not
 * used any more; its removal may continue after `patienceMs`. Returns the freed bytes, according to the seals.
 */
export async function pruneChains(
  chains: ChainDirectory,
  keep: (chain: ChainId) => boolean,
  patienceMs: number,
): Promise<number> {
  const unwanted = [...chains.usage()].filter(({ chain }) => !keep(chain));
  const left = chains.listAbandoned();
  const bytes = [...left.map(measureDiskBytes), ...unwanted.map((each) => each.bytes)].reduce(
    (sum, each) => sum + each,
    0,
  );
  await removeInProcesses([...left, ...unwanted.map(({ chain }) => chains.retire(chain))], patienceMs);
  chains.sweepNames();
  return bytes;
}
