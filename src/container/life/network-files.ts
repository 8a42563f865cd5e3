/** The files in `/etc` of a container that belong to its place in the network. They are bound, so they are rewritten in place. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ContainerFolder, type ContainerRecord, type Endpoint } from '../record.ts';

const LOOPBACK = '127.0.0.1';
/** Where systemd-resolved lists the servers that it asks itself. */
const RESOLVED = '/run/systemd/resolve/resolv.conf';

/** Writes the files. A container in the network of another has the names of that one. */
export function writeNetworkFiles(
  folder: ContainerFolder,
  record: ContainerRecord,
  endpoints: readonly Endpoint[] = [],
): void {
  const hostname = record.config.Hostname ?? record.id.slice(0, 12);
  const mode = record.host.NetworkMode ?? '';
  write(folder.file('hostname'), `${hostname}\n`);
  if (mode.startsWith('container:')) {
    const other = new ContainerFolder(dirname(folder.path), mode.slice('container:'.length));
    for (const name of ['hosts', 'resolv.conf'] as const) write(folder.file(name), readText(other.file(name)));
    return;
  }
  write(folder.file('hosts'), mode === 'host' ? hostsOfHost(record) : hostsText(record, hostname, endpoints));
  write(folder.file('resolv.conf'), resolvText(record, endpoints));
}

function write(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o644);
}

function hostsText(record: ContainerRecord, hostname: string, endpoints: readonly Endpoint[]): string {
  const names = record.config.Domainname ? `${hostname}.${record.config.Domainname} ${hostname}` : hostname;
  const addresses = endpoints.length === 0 ? [LOOPBACK] : endpoints.map(({ address }) => address);
  const gateway = endpoints.find((endpoint) => endpoint.gateway !== '')?.gateway ?? endpoints[0]?.nameServer;
  const lines = [
    `${LOOPBACK}\tlocalhost`,
    '::1\tlocalhost ip6-localhost ip6-loopback',
    ...extraLines(record, gateway ?? LOOPBACK),
    ...addresses.map((address) => `${address}\t${names}`),
  ];
  return `${lines.join('\n')}\n`;
}

function hostsOfHost(record: ContainerRecord): string {
  const extra = extraLines(record, LOOPBACK).map((line) => `${line}\n`);
  return `${readText('/etc/hosts')}${extra.join('')}`;
}

function extraLines({ host }: ContainerRecord, gateway: string): readonly string[] {
  return (host.ExtraHosts ?? []).map((text) => {
    const colon = text.indexOf(':');
    const address = text.slice(colon + 1);
    return `${address === 'host-gateway' ? gateway : address}\t${text.slice(0, colon)}`;
  });
}

function resolvText(record: ContainerRecord, endpoints: readonly Endpoint[]): string {
  const { Dns, DnsSearch, DnsOptions } = record.host;
  const host = readResolvConf(endpoints.length > 0);
  const lines = (key: string) => host.filter((line) => keyOf(line) === key);
  const known = ['nameserver', 'search', 'options'];
  const nameServer = endpoints.find((endpoint) => endpoint.nameServer !== undefined)?.nameServer;
  const servers = nameServer === undefined ? (Dns ?? []) : [nameServer];
  return [
    ...host.filter((line) => !line.startsWith('#') && !known.includes(keyOf(line))),
    ...(servers.length > 0 ? servers.map((server) => `nameserver ${server}`) : lines('nameserver')),
    ...((DnsSearch ?? []).length > 0 ? [`search ${DnsSearch?.join(' ')}`] : lines('search')),
    ...((DnsOptions ?? []).length > 0 ? [`options ${DnsOptions?.join(' ')}`] : lines('options')),
    '',
  ].join('\n');
}

/** A container with interfaces of its own does not reach a server at the host's 127.0.0.1. */
function readResolvConf(hasOwnInterfaces: boolean): readonly string[] {
  const lines = (path: string) =>
    readText(path)
      .split('\n')
      .filter((line) => line !== '');
  const host = lines('/etc/resolv.conf');
  if (!hasOwnInterfaces || !host.some(isLoopbackServer)) return host;
  const asked = lines(RESOLVED);
  return (asked.length > 0 ? asked : host).filter((line) => !isLoopbackServer(line));
}

function isLoopbackServer(line: string): boolean {
  const [key, server = ''] = line.split(/[ \t]/);
  return key === 'nameserver' && (server.startsWith('127.') || server === '::1');
}

function keyOf(line: string): string {
  return line.split(/[ \t]/, 1)[0]!;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
