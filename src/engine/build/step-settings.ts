import { readFileSync } from 'node:fs';
import type { BuildRequest } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import type { StepSettings } from '../../executor/index.ts';
import { DEFAULT_SHM_SIZE, parseUlimit } from '../../process/index.ts';
import type { Config } from '../config.ts';

const HOSTNAME = 'buildkitsandbox';

/** What every RUN of a build has around it: names, limits, network. Throws `usage` for a malformed host or limit. */
export function stepSettings(request: BuildRequest, { authorities }: Pick<Config, 'authorities'>): StepSettings {
  const hostname = request.buildArgs.BUILDKIT_SANDBOX_HOSTNAME ?? HOSTNAME;
  return {
    network: request.network,
    hosts: hostsFile(hostname, request.extraHosts),
    resolvConf: readResolvConf(),
    hostname,
    shmSize: request.shmSize ?? DEFAULT_SHM_SIZE,
    ulimits: request.ulimits.map(parseUlimit),
    authorities: authorities?.certificates ?? [],
  };
}

function hostsFile(hostname: string, extra: readonly string[]): string {
  const lines = [
    `127.0.0.1\tlocalhost ${hostname}`,
    '::1\tlocalhost ip6-localhost ip6-loopback',
    ...extra.map(hostLine),
  ];
  return `${lines.join('\n')}\n`;
}

/** `name:ip` or `name=ip`; an IPv6 address may stand in brackets. `host-gateway` is this host: steps share its network. */
function hostLine(pair: string): string {
  const match = /^([^:=]+)[:=](.+)$/.exec(pair);
  const address = match?.[2]?.replace(/^\[(.*)\]$/, '$1');
  if (!match?.[1] || !address) {
    throw new MkimageError('usage', `add host \`${pair}\`: not a name and an address`, { hint: 'write name:address' });
  }
  return `${address === 'host-gateway' ? '127.0.0.1' : address}\t${match[1]}`;
}

function readResolvConf(): string | undefined {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    return undefined;
  }
}
