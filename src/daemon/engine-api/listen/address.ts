import { MkimageError } from '../../../errors.ts';

/** Where a daemon listens. */
export type Address =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** A socket that systemd has opened. */
  | { readonly kind: 'fd'; readonly fd: number };

/** systemd gives the first socket this number. */
const FIRST_FD = 3;

/** Reads `unix:///path`, `tcp://host:port`, `fd://` or `fd://3`. Throws `usage`. */
export function parseAddress(text: string): Address {
  const mark = text.indexOf('://');
  const [scheme, rest] = mark < 0 ? ['', text] : [text.slice(0, mark), text.slice(mark + 3)];
  if (scheme === 'unix' && rest.startsWith('/')) return { kind: 'unix', path: rest };
  if (scheme === 'tcp') return parseTcp(text, rest);
  if (scheme === 'fd') return { kind: 'fd', fd: rest === '' ? FIRST_FD : parseNumber(text, rest) };
  throw invalidAddress(text);
}

function parseTcp(text: string, rest: string): Address {
  const colon = rest.lastIndexOf(':');
  if (colon < 0) throw invalidAddress(text);
  const host = rest.slice(0, colon);
  const isBracketed = host.startsWith('[') && host.endsWith(']');
  const port = parseNumber(text, rest.slice(colon + 1));
  if (port > 65_535) throw invalidAddress(text);
  return { kind: 'tcp', host: isBracketed ? host.slice(1, -1) : host || '127.0.0.1', port };
}

function parseNumber(text: string, digits: string): number {
  if (!/^\d{1,5}$/.test(digits)) throw invalidAddress(text);
  return Number(digits);
}

function invalidAddress(text: string): MkimageError {
  return new MkimageError('usage', `listen on \`${text}\`: the address is invalid`, {
    hint: 'use `unix:///run/mkimage.sock`, `tcp://127.0.0.1:2375` or `fd://`',
  });
}

/** Whoever can connect has the rights of the daemon: without certificates only this machine may. Throws `usage`. */
export function requireSafeAddress(address: Address, hasTls: boolean): void {
  if (address.kind !== 'tcp' || hasTls || isLoopback(address.host)) return;
  throw new MkimageError('usage', `listen on \`${address.host}\`: other machines could connect without a certificate`, {
    hint: 'use `--tlsverify` with `--tlscacert`, `--tlscert` and `--tlskey`, or listen on 127.0.0.1',
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
