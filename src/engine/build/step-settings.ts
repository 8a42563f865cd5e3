import { readFileSync } from 'node:fs';
import type { BuildRequest, ExtraHost } from '../../api/index.ts';
import type { StepSettings } from '../../executor/index.ts';
import { DEFAULT_SHM_SIZE } from '../../process/index.ts';
import type { Config } from '../config.ts';

const HOSTNAME = 'buildkitsandbox';

/** What every RUN of a build has around it: names, limits, network. */
export function stepSettings(request: BuildRequest, { authorities }: Pick<Config, 'authorities'>): StepSettings {
  const hostname = request.buildArgs.BUILDKIT_SANDBOX_HOSTNAME ?? HOSTNAME;
  return {
    network: request.network,
    hosts: hostsFile(hostname, request.extraHosts),
    resolvConf: readResolvConf(),
    hostname,
    shmSize: request.shmSize ?? DEFAULT_SHM_SIZE,
    ulimits: request.ulimits,
    authorities: authorities?.certificates ?? [],
  };
}

function hostsFile(hostname: string, extra: readonly ExtraHost[]): string {
  const lines = [
    `127.0.0.1\tlocalhost ${hostname}`,
    '::1\tlocalhost ip6-localhost ip6-loopback',
    ...extra.map(hostLine),
  ];
  return `${lines.join('\n')}\n`;
}

/** Steps share the network of the host, so `host-gateway` is this machine. */
function hostLine({ name, address }: ExtraHost): string {
  return `${address === 'host-gateway' ? '127.0.0.1' : address}\t${name}`;
}

function readResolvConf(): string | undefined {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    return undefined;
  }
}
