/** Ports as EXPOSE takes them: `[[ip:]host:]port[-port][/protocol]`. */
import { Fault } from './fault.ts';

export interface PortSpec {
  readonly ports: readonly number[];
  /** As written; `tcp` if it is not. */
  readonly protocol: string;
  /** An address or a port of the host is named, which EXPOSE has no use for. */
  readonly mapsHost: boolean;
}

/** Reads one port. Throws a Fault. */
export function parsePort(text: string): PortSpec {
  const parts = text.split(':');
  const address = parts.slice(0, -2).join(':');
  const host = parts.at(-2) ?? '';
  const [range = '', protocol] = cut(parts.at(-1) ?? '', '/');
  if (range === '') throw invalid(text, 'no port is named');
  if (protocol && !/^(tcp|udp|sctp)$/i.test(protocol))
    throw invalid(text, `\`${protocol}\` is not a protocol`, 'protocols are tcp, udp and sctp');
  const ports = portRange(text, range);
  if (address !== '' && !isAddress(address)) throw invalid(text, `\`${address}\` is not an IP address`);
  if (host !== '') checkHostRange(text, ports, portRange(text, host));
  return { ports, protocol: protocol || 'tcp', mapsHost: address !== '' || host !== '' };
}

/** A range of host ports must be as long as the container's, unless that is a single port. */
function checkHostRange(text: string, ports: readonly number[], hostPorts: readonly number[]): void {
  if (ports.length === 1 || ports.length === hostPorts.length) return;
  throw invalid(text, 'the ranges of container and host ports differ in length');
}

function portRange(text: string, range: string): readonly number[] {
  const [first = '', last = first] = cut(range, '-');
  const [from, to] = [portNumber(text, first), portNumber(text, last)];
  if (to < from) throw invalid(text, `the range \`${range}\` ends before it begins`);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function portNumber(text: string, digits: string): number {
  const port = /^[+-]?\d+$/.test(digits) ? Number(digits) : Number.NaN;
  if (port >= 0 && port <= 65535) return port;
  throw invalid(text, `\`${digits}\` is not a port`, 'ports are numbers from 0 to 65535');
}

/** IPv4, or IPv6 with or without brackets. */
function isAddress(text: string): boolean {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (!bare.includes(':')) return /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(bare);
  return URL.canParse(`http://[${bare}]/`);
}

function cut(text: string, separator: string): readonly (string | undefined)[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function invalid(text: string, why: string, hint?: string): Fault {
  return new Fault('invalid-port', `read port \`${text}\`: ${why}`, { hint });
}
