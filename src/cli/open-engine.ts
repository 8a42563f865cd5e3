import type { Services } from '../engine/services.ts';
import type { Terminal } from './terminal.ts';

/**
 * The engine's services for the environment of this command line, loaded only now. Verbs of the engine are loaded each from
 * its own file for the same reason: listing images must not wait for the parser of build files. `ca` names a file of further
 * certificate authorities. Throws `usage` if it is none.
 */
export async function openEngine(terminal: Pick<Terminal, 'env' | 'cwd' | 'debugLog'>, ca?: string): Promise<Services> {
  const [{ openServices }, { readConfig }] = await Promise.all([
    import('../engine/services.ts'),
    import('../engine/config.ts'),
  ]);
  const config = { ...readConfig(terminal.env), log: terminal.debugLog?.log };
  if (ca === undefined) return openServices(config);
  const { readAuthorities } = await import('../engine/build/authorities.ts');
  return openServices({ ...config, authorities: readAuthorities(ca, terminal.cwd(), config) });
}
