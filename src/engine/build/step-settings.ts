import { readFileSync } from 'node:fs';
import type { BuildRequest, ExtraHost } from '../../api/index.ts';
import type { StepSettings } from '../../executor/index.ts';
import { DEFAULT_SHM_SIZE } from '../../process/index.ts';
import type { Config } from '../config.ts';

const HOSTNAME = 'buildkitsandbox';

/** Creates the settings that all RUN steps of a build share: names, limits, network. */
export function createStepSettings(request: BuildRequest, { authorities }: Pick<Config, 'authorities'>): StepSettings {
  const hostname = request.buildArgs.BUILDKIT_SANDBOX_HOSTNAME ?? HOSTNAME;
  return {
    network: request.network,
    hosts: formatHostsFile(hostname, request.extraHosts),
    resolvConf: readResolvConf(),
    hostname,
    shmSize: request.shmSize ?? DEFAULT_SHM_SIZE,
    ulimits: request.ulimits,
    authorities: authorities?.certificates ?? [],
  };
}

function formatHostsFile(hostname: string, extra: readonly ExtraHost[]): string {
  const lines = [
    `127.0.0.1\tlocalhost ${hostname}`,
    '::1\tlocalhost ip6-localhost ip6-loopback',
    ...extra.map(formatHostLine),
  ];
  return `${lines.join('\n')}\n`;
}

/** Steps share the network of the host, so `host-gateway` is this machine. */
function formatHostLine({ name, address }: ExtraHost): string {
  return `${address === 'host-gateway' ? '127.0.0.1' : address}\t${name}`;
}

function readResolvConf(): string | undefined {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    return undefined;
  }
}
