/**
 * Where a server may send us. Whom the user named may be anywhere; whoever is sent to by a server (a redirect, a token realm)
 * may lie no further in than the one who sent: a host on the internet leads to no address of a network of one's own, and nobody
 * but this machine leads to this machine. What counts is the address that is connected to, not the name.
 */
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { MkimageError } from '../errors.ts';
import { isBeyond, isLoopbackHost, type Scope, scopeOfHost } from './address.ts';
import type { HttpRules } from './request.ts';

/** Says which hosts are as good as named: `registry.corp`, `.corp` for all below, `10.0.0.5`; a port is not looked at. */
export type TrustedHosts = readonly string[];

export function isTrustedHost(hostname: string, trusted: TrustedHosts): boolean {
  const host = hostname.toLowerCase();
  return trusted.some((name) => (name.startsWith('.') ? host.endsWith(name) : host === name));
}

/** Remembers how far in the hosts lie that were named. */
export class AddressGuard {
  readonly #trusted: TrustedHosts;
  readonly #scopes = new Map<string, Scope>();

  constructor(trusted: TrustedHosts = []) {
    this.#trusted = trusted;
  }

  /** How far in a URL may lie to which a server sends that the user named as `from`. `local`: anywhere. */
  reach(from: URL, to: URL): Scope {
    if (from.hostname === to.hostname || isLoopbackHost(from.hostname) || this.trusts(to)) return 'local';
    const scope = this.#scopes.get(from.hostname) ?? scopeOfHost(from.hostname);
    // Any name on the internet may be given an address of this machine: that makes it no part of it.
    return scope === 'private' ? 'private' : 'public';
  }

  /** The same for ADD and other fetches of what the user named: their servers lead to the internet only. */
  reachOfFetch(from: URL, to: URL): Scope {
    return from.hostname === to.hostname || this.trusts(to) ? 'local' : 'public';
  }

  /** True if the host's name is one that the user has trusted. */
  trusts(url: URL): boolean {
    return isTrustedHost(url.hostname, this.#trusted);
  }

  /** A literal address is never looked up, so it is judged here. Throws `code`. */
  checkLiteral(url: URL, reach: Scope, code: HttpRules['code'] = 'network'): void {
    const scope = scopeOfHost(url.hostname);
    if (scope !== undefined && isBeyond(scope, reach)) throw refusal(code, url.hostname, scope);
  }

  /** A look-up whose answers lie no further in than `reach`, else it fails with `code`. It takes note of where they lie. */
  lookup(lookup: LookupFunction, reach: Scope, code: HttpRules['code'] = 'network'): LookupFunction {
    return (hostname, options, done) =>
      lookup(hostname, { ...options, all: true }, (error, found) => {
        if (error !== null) return done(error, '');
        const addresses: LookupAddress[] = Array.isArray(found) ? found : [];
        const first = addresses[0];
        if (first === undefined) return done(new Error(`no address of ${hostname}`), '');
        const scopes = addresses.map(({ address }) => scopeOfHost(address) ?? 'public');
        const beyond = scopes.find((scope) => isBeyond(scope, reach));
        if (beyond !== undefined) return done(refusal(code, hostname, beyond), '');
        this.#scopes.set(
          hostname,
          scopes.reduce((outer, scope) => (isBeyond(outer, scope) ? scope : outer)),
        );
        return options.all === true ? done(null, addresses) : done(null, first.address, first.family);
      });
  }
}

function refusal(code: HttpRules['code'], hostname: string, scope: Scope): MkimageError {
  const where = scope === 'local' ? "this machine's own network" : 'a private network';
  return new MkimageError(code, `refuse address \`${hostname}\`: a server sent us to ${where}`, {
    hint: 'if that is right, name the host in MKIMAGE_TRUSTED_HOSTS',
  });
}
