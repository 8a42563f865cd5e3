import type { RegistrySettings } from '../api/index.ts';
import type { Services } from '../engine/services.ts';
import type { Terminal } from './terminal.ts';

/**
 * Opens the engine's services with the settings of the environment. Modules are loaded only now, and each verb of the engine
 * has its own file: listing images must not wait for the parser of build files. `ca`: path of a PEM file with additional
 * certificate authorities. Throws `usage` if the file is invalid.
 */
export async function openEngine(
  terminal: Pick<Terminal, 'env' | 'cwd' | 'debugLog'>,
  ca?: string,
  registries?: RegistrySettings,
): Promise<Services> {
  const [{ openServices }, { readConfig }] = await Promise.all([
    import('../engine/services.ts'),
    import('../engine/config.ts'),
  ]);
  const config = { ...readConfig(terminal.env), log: terminal.debugLog?.log, registries, supervisor: supervisorOf() };
  if (ca === undefined) return openServices(config);
  const { readAuthorities } = await import('../engine/build/authorities.ts');
  return openServices({ ...config, authorities: readAuthorities(ca, terminal.cwd(), config) });
}

/** The command that monitors containers: this program with its hidden verb. */
function supervisorOf(): readonly string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? '', 'supervise'];
}
