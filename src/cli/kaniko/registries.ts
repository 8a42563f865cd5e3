/** How the flags of kaniko's executor say that registries are reached. */
import { resolve } from 'node:path';
import type { RegistrySettings } from '../../api/index.ts';
import { cutPair } from '../../docker-syntax/index.ts';
import { MkimageError } from '../../errors.ts';
import { parseReference } from '../../oci/index.ts';
import type { Terminal } from '../terminal.ts';
import type { KanikoFlags } from './request.ts';

type Mirrors = RegistrySettings['mirrors'];

/** Throws `usage`. */
export function readRegistries(flags: KanikoFlags, { cwd, env }: Pick<Terminal, 'cwd' | 'env'>): RegistrySettings {
  const mayPull = flags['insecure-pull'] || flags['skip-tls-verify-pull'];
  return {
    insecure: [
      ...(mayPull ? ['*'] : []),
      ...[...flags['insecure-registry'], ...flags['skip-tls-verify-registry']].map(readHost),
    ],
    mirrors: readMirrors(flags, env),
    certificates: [
      ...flags['registry-certificate'].map((value) => readAuthority(value, cwd())),
      ...flags['registry-client-cert'].map((value) => readIdentity(value, cwd())),
    ],
  };
}

/** As in kaniko, KANIKO_REGISTRY_MIRROR and KANIKO_REGISTRY_MAP are added to the flags. */
function readMirrors(flags: KanikoFlags, env: Terminal['env']): Mirrors {
  const hub = [...flags['registry-mirror'], env.KANIKO_REGISTRY_MIRROR ?? ''].filter((each) => each !== '');
  const maps = [...flags['registry-map'], env.KANIKO_REGISTRY_MAP ?? ''].flatMap((text) => text.split(';'));
  const pairs = [
    ...hub.map((mirror) => ['docker.io', mirror] as const),
    ...maps.filter((pair) => pair !== '').map(readMapping),
  ];
  const isExclusive = flags['skip-default-registry-fallback'];
  return [...new Set(pairs.map(([registry]) => registry))].map((registry) => ({
    registry,
    locations: pairs.filter(([from]) => from === registry).map(([, mirror]) => checkLocation(mirror)),
    isExclusive,
  }));
}

function readMapping(pair: string): readonly [string, string] {
  const [registry, mirror = ''] = cutPair(pair);
  const isHub = registry === 'index.docker.io' || registry === 'docker.io';
  if (registry !== '' && mirror !== '') return [isHub ? 'docker.io' : readHost(registry), mirror];
  throw createError('registry-map', pair, 'expected REGISTRY=MIRROR');
}

function checkLocation(location: string): string {
  const bare = location.replace(/\/$/, '');
  try {
    parseReference(`${bare}/name`);
    return bare;
  } catch {
    throw createError('registry-mirror', location, 'expected HOST[:PORT][/PATH] without a scheme');
  }
}

function readAuthority(value: string, cwd: string): RegistrySettings['certificates'][number] {
  const [host, path = ''] = cutPair(value);
  if (host !== '' && path !== '') return { host: readHost(host), authority: resolve(cwd, path) };
  throw createError('registry-certificate', value, 'expected HOST=FILE');
}

function readIdentity(value: string, cwd: string): RegistrySettings['certificates'][number] {
  const [host, files = ''] = cutPair(value);
  const [certificate = '', key = ''] = files.split(',');
  if (host === '' || certificate === '' || key === '')
    throw createError('registry-client-cert', value, 'expected HOST=CERTIFICATE,KEY');
  return {
    host: readHost(host),
    identity: { certificate: resolve(cwd, certificate), key: resolve(cwd, key) },
  };
}

/** A host as it is in references. Throws `usage`. */
function readHost(text: string): string {
  const host = text.toLowerCase();
  if (/^[a-z0-9.[\]:_-]+$/.test(host) && URL.canParse(`https://${host}`)) return host;
  throw createError('insecure-registry', text, 'expected HOST[:PORT]');
}

function createError(flag: string, value: string, why: string): MkimageError {
  return new MkimageError('usage', `read \`--${flag} ${value}\`: ${why}`);
}
