import type { EndpointSettings } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { readPairs } from '../csv.ts';

export interface WantedNetwork {
  readonly name: string;
  readonly settings: EndpointSettings;
}

/** Reads `--network NAME`, or `--network name=NAME,alias=…,ip=…`. Throws `usage`, `unsupported`. */
export function readNetwork(text: string): WantedNetwork {
  if (!text.includes('=')) return { name: text, settings: {} };
  let name = '';
  let address: string | undefined;
  const aliases: string[] = [];
  for (const [key, value = ''] of readPairs(text)) {
    if (key === 'name') name = value;
    else if (key === 'alias') aliases.push(value);
    else if (key === 'ip') address = value;
    else throw new MkimageError('unsupported', `connect to network \`${text}\`: the option ${key} is not supported`);
  }
  if (name === '') throw new MkimageError('usage', `invalid network \`${text}\`: the name is missing`);
  return { name, settings: { Aliases: aliases, IPAMConfig: address === undefined ? null : { IPv4Address: address } } };
}

/** The settings of `--network`, `--network-alias` and `--ip` by the names of networks. Throws `usage`. */
export function readEndpoints(
  wanted: readonly WantedNetwork[],
  { aliases, ip }: { readonly aliases: readonly string[]; readonly ip: string | undefined },
): Readonly<Record<string, EndpointSettings>> {
  const networks = wanted.filter(({ name }) => hasEndpoint(name));
  const first = networks.find(({ name }) => name !== 'bridge' && name !== 'default');
  if (aliases.length > 0 && first === undefined)
    throw new MkimageError('usage', 'network-scoped aliases are only supported for user-defined networks');
  if (ip !== undefined && first === undefined)
    throw new MkimageError('usage', 'user specified IP address is supported on user defined networks only');
  return Object.fromEntries(
    networks.map((network) => [
      network.name,
      network === first ? withMore(network.settings, aliases, ip) : network.settings,
    ]),
  );
}

function hasEndpoint(name: string): boolean {
  return name !== 'none' && name !== 'host' && !name.startsWith('container:');
}

/** As in Docker, the flags belong to the first network of a user. */
function withMore(settings: EndpointSettings, aliases: readonly string[], ip: string | undefined): EndpointSettings {
  return {
    Aliases: [...(settings.Aliases ?? []), ...aliases],
    IPAMConfig: ip === undefined ? (settings.IPAMConfig ?? null) : { IPv4Address: ip },
  };
}
