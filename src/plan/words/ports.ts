/** Ports of EXPOSE: `[[ip:]host:]port[-port][/protocol]`. */
import { Fault } from './fault.ts';

export interface PortSpec {
  readonly ports: readonly number[];
  /** As written; `tcp` by default. */
  readonly protocol: string;
  /** True if an address or host port is set. EXPOSE ignores them. */
  readonly mapsHost: boolean;
}

/** Reads one port. Throws a Fault. */
export function parsePort(text: string): PortSpec {
  const parts = text.split(':');
  const address = parts.slice(0, -2).join(':');
  const host = parts.at(-2) ?? '';
  const [range = '', protocol] = splitOnce(parts.at(-1) ?? '', '/');
  if (range === '') throw createPortFault(text, 'missing port');
  if (protocol && !/^(tcp|udp|sctp)$/i.test(protocol))
    throw createPortFault(text, `\`${protocol}\` is not a protocol`, 'use tcp, udp or sctp');
  const ports = parsePortRange(text, range);
  if (address !== '' && !isAddress(address)) throw createPortFault(text, `\`${address}\` is not an IP address`);
  if (host !== '') checkHostRange(text, ports, parsePortRange(text, host));
  return { ports, protocol: protocol || 'tcp', mapsHost: address !== '' || host !== '' };
}

/** The ranges of host and container ports must have the same length, unless the container has a single port. */
function checkHostRange(text: string, ports: readonly number[], hostPorts: readonly number[]): void {
  if (ports.length === 1 || ports.length === hostPorts.length) return;
  throw createPortFault(text, 'the ranges of container and host ports have different lengths');
}

function parsePortRange(text: string, range: string): readonly number[] {
  const [first = '', last = first] = splitOnce(range, '-');
  const [from, to] = [parsePortNumber(text, first), parsePortNumber(text, last)];
  if (to < from) throw createPortFault(text, `the range \`${range}\` ends before it begins`);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function parsePortNumber(text: string, digits: string): number {
  const port = /^[+-]?\d+$/.test(digits) ? Number(digits) : Number.NaN;
  if (port >= 0 && port <= 65535) return port;
  throw createPortFault(text, `\`${digits}\` is not a port`, 'use a number from 0 to 65535');
}

/** IPv4, or IPv6 with or without brackets. */
function isAddress(text: string): boolean {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (!bare.includes(':')) return /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(bare);
  return URL.canParse(`http://[${bare}]/`);
}

function splitOnce(text: string, separator: string): readonly (string | undefined)[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function createPortFault(text: string, why: string, hint?: string): Fault {
  return new Fault('invalid-port', `read port \`${text}\`: ${why}`, { hint });
}
