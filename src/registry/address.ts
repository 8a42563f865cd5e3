/** Which hosts and addresses are this machine's own: they may be spoken to in plain HTTP, and nobody else may send us there. */
import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const LOCAL = new BlockList();
LOCAL.addSubnet('127.0.0.0', 8, 'ipv4');
LOCAL.addSubnet('0.0.0.0', 8, 'ipv4');
// Link-local: where clouds serve a machine's own credentials.
LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LOCAL.addSubnet('::', 127, 'ipv6');
LOCAL.addSubnet('fe80::', 10, 'ipv6');
LOCAL.addAddress('fd00:ec2::254', 'ipv6');

/** True if a URL's host name says `this machine` without any look-up: `localhost`, 127/8, `[::1]`. */
export function isLoopbackHost(hostname: string): boolean {
  const address = withoutBrackets(hostname);
  return address === 'localhost' || (isIP(address) !== 0 && LOOPBACK.check(address, familyOf(address)));
}

/** True if an IP address is loopback, unspecified or link-local. Names are never local: they are looked up first. */
export function isLocalAddress(hostname: string): boolean {
  const address = withoutBrackets(hostname);
  return isIP(address) !== 0 && LOCAL.check(address, familyOf(address));
}

function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname.toLowerCase();
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
