import { measureDiskBytes, removeInProcesses } from '../host/index.ts';
import type { ChainId } from '../oci/index.ts';
import type { ChainDirectory } from './chain-directory.ts';

/**
 * Removes what dead makers left, chains that nobody wants, and short names that lead nowhere. Chains are out of use at once,
 * by one rename each; removing them may go on after `patienceMs`. Returns the bytes that are or will be free, by the chains' seals.
 */
export async function pruneChains(
  chains: ChainDirectory,
  keep: (chain: ChainId) => boolean,
  patienceMs: number,
): Promise<number> {
  const unwanted = [...chains.usage()].filter(({ chain }) => !keep(chain));
  const left = chains.abandoned();
  const bytes = [...left.map(measureDiskBytes), ...unwanted.map((each) => each.bytes)].reduce(
    (sum, each) => sum + each,
    0,
  );
  await removeInProcesses([...left, ...unwanted.map(({ chain }) => chains.retire(chain))], patienceMs);
  chains.sweepNames();
  return bytes;
}
