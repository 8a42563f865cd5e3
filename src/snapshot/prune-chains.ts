import { diskBytes } from '../host/index.ts';
import type { ChainId } from '../oci/index.ts';
import type { ChainDirectory } from './chain-directory.ts';

/** Removes what dead makers left, chains that nobody wants, and short names that lead nowhere. Returns bytes freed. */
export async function pruneChains(chains: ChainDirectory, keep: (chain: ChainId) => boolean): Promise<number> {
  const unwanted = chains.chains().filter((chain) => !keep(chain));
  const graves = [...chains.abandoned(), ...unwanted.map((chain) => chains.retire(chain))];
  let freed = 0;
  for (const grave of graves) {
    freed += diskBytes(grave);
    await chains.discard(grave);
  }
  chains.sweepNames();
  return freed;
}
