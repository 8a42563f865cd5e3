import { isIP } from 'node:net';
import type { PortBinding, PortMap } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';

export interface PublishedPorts {
  /** `80/tcp`: published ports and those of `--expose`. */
  readonly exposed: readonly string[];
  readonly bindings: PortMap;
}

/** Reads `-p [[IP:]HOST:]CONTAINER[/PROTOCOL]` and `--expose`, with ranges. Throws `usage`. */
export function readPorts(published: readonly string[], exposed: readonly string[]): PublishedPorts {
  const bindings: Record<string, PortBinding[]> = {};
  for (const text of published) {
    for (const [port, binding] of readPublished(text)) bindings[port] = [...(bindings[port] ?? []), binding];
  }
  const own = exposed.flatMap((text) => {
    const [range, protocol] = splitProtocol(text);
    return readRange(text, range).map((port) => `${port}/${protocol}`);
  });
  return { exposed: [...new Set([...Object.keys(bindings), ...own])], bindings };
}

function readPublished(text: string): readonly (readonly [string, PortBinding])[] {
  if (text.includes('=')) return readLongForm(text);
  const [spec, protocol] = splitProtocol(text);
  const [, address = '', host = '', container = ''] = /^(?:(?:(\[[^\]]*\]|[^:]*):)?([^:]*):)?([^:]+)$/.exec(spec) ?? [];
  const ip = address.replace(/^\[(.*)\]$/, '$1');
  if (container === '') throw invalid(text);
  if (ip !== '' && isIP(ip) === 0) throw new MkimageError('usage', `invalid IP address: ${address}`);
  const ports = readRange(text, container);
  const hosts = host === '' ? [] : readRange(text, host);
  if (hosts.length > 0 && hosts.length !== ports.length) {
    if (ports.length === 1) return [[`${ports[0]}/${protocol}`, { HostIp: ip, HostPort: host }]];
    throw new MkimageError('usage', `invalid ranges specified for container and host Ports: ${container} and ${host}`);
  }
  return ports.map((port, index) => [
    `${port}/${protocol}`,
    { HostIp: ip, HostPort: hosts.length === 0 ? '' : String(hosts[index]) },
  ]);
}

/** `target=80,published=8080,protocol=tcp`. */
function readLongForm(text: string): readonly (readonly [string, PortBinding])[] {
  const members = Object.fromEntries(text.split(',').map((each) => each.split('=')));
  const { target = '', published = '', protocol = 'tcp' } = members as Record<string, string>;
  if (!/^\d+$/.test(target)) throw invalid(text);
  return [[`${target}/${protocol}`, { HostIp: '', HostPort: published }]];
}

function splitProtocol(text: string): readonly [string, string] {
  const [spec = '', protocol = 'tcp'] = text.split('/');
  const name = protocol.toLowerCase();
  if (name === 'tcp' || name === 'udp') return [spec, name];
  throw new MkimageError(name === 'sctp' ? 'unsupported' : 'usage', `invalid proto: ${protocol}`, {
    hint: 'use tcp or udp',
  });
}

function readRange(text: string, range: string): readonly number[] {
  const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === '' || from > 65535 || to > 65535 || to < from) throw invalid(text);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function invalid(text: string): MkimageError {
  return new MkimageError('usage', `invalid port \`${text}\``, {
    hint: 'e.g. `-p 8080:80`, `-p 127.0.0.1:8080:80/tcp`',
  });
}
