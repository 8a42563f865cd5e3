import type { Services } from '../engine/services.ts';
import type { Terminal } from './terminal.ts';

/**
 * The engine's services for the environment of this command line, loaded only now. Verbs of the engine are loaded each from
 * its own file for the same reason: listing images must not wait for the parser of build files.
 */
export async function openEngine(terminal: Pick<Terminal, 'env'>): Promise<Services> {
  const [{ openServices }, { readConfig }] = await Promise.all([
    import('../engine/services.ts'),
    import('../engine/config.ts'),
  ]);
  return openServices(readConfig(terminal.env));
}
