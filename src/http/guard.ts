/**
 * Decides which hosts a server may send mkimage to. A host that the user names may be anywhere. A host that a server names (by a
 * redirect or a token realm) may not be more private than that server: a host on the internet must not lead to a private network,
 * and only this machine may lead to this machine. The check uses the address of the connection, not the name.
 */
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { MkimageError } from '../errors.ts';
import { isBeyond, isLoopbackHost, type Scope, scopeOfHost } from './address.ts';
import type { HttpRules } from './request.ts';

/** Hosts that the user trusts: `registry.corp`, `.corp` for all subdomains, `10.0.0.5`. Ports are ignored. */
export type TrustedHosts = readonly string[];

export function isTrustedHost(hostname: string, trusted: TrustedHosts): boolean {
  const host = hostname.toLowerCase();
  return trusted.some((name) => (name.startsWith('.') ? host.endsWith(name) : host === name));
}

/** Remembers the scopes of the hosts that the user named. */
export class AddressGuard {
  readonly #trusted: TrustedHosts;
  readonly #scopes = new Map<string, Scope>();

  constructor(trusted: TrustedHosts = []) {
    this.#trusted = trusted;
  }

  /** The most private scope that the server at `from`, named by the user, may redirect to. `local`: any. */
  reach(from: URL, to: URL): Scope {
    if (from.hostname === to.hostname || isLoopbackHost(from.hostname) || this.trusts(to)) return 'local';
    const scope = this.#scopes.get(from.hostname) ?? scopeOfHost(from.hostname);
    // A public name can resolve to an address of this machine. That does not make its owner trusted.
    return scope === 'private' ? 'private' : 'public';
  }

  /** The same for ADD and other fetches of URLs: their servers may redirect to the internet only. */
  reachOfFetch(from: URL, to: URL): Scope {
    return from.hostname === to.hostname || this.trusts(to) ? 'local' : 'public';
  }

  /** True if the user trusts the host. */
  trusts(url: URL): boolean {
    return isTrustedHost(url.hostname, this.#trusted);
  }

  /** Checks a literal address, which needs no DNS look-up. Throws `code`. */
  checkLiteral(url: URL, reach: Scope, code: HttpRules['code'] = 'network'): void {
    const scope = scopeOfHost(url.hostname);
    if (scope !== undefined && isBeyond(scope, reach)) throw createRefusal(code, url.hostname, scope);
  }

  /** A DNS look-up that fails with `code` if an address is more private than `reach`. It remembers the scope of the host. */
  lookup(lookup: LookupFunction, reach: Scope, code: HttpRules['code'] = 'network'): LookupFunction {
    return (hostname, options, done) =>
      lookup(hostname, { ...options, all: true }, (error, found) => {
        if (error !== null) return done(error, '');
        const addresses: LookupAddress[] = Array.isArray(found) ? found : [];
        const first = addresses[0];
        if (first === undefined) return done(new Error(`no address of ${hostname}`), '');
        const scopes = addresses.map(({ address }) => scopeOfHost(address) ?? 'public');
        const beyond = scopes.find((scope) => isBeyond(scope, reach));
        if (beyond !== undefined) return done(createRefusal(code, hostname, beyond), '');
        this.#scopes.set(
          hostname,
          scopes.reduce((outer, scope) => (isBeyond(outer, scope) ? scope : outer)),
        );
        return options.all === true ? done(null, addresses) : done(null, first.address, first.family);
      });
  }
}

function createRefusal(code: HttpRules['code'], hostname: string, scope: Scope): MkimageError {
  const where = scope === 'local' ? "this machine's own network" : 'a private network';
  return new MkimageError(code, `refuse address \`${hostname}\`: a server sent us to ${where}`, {
    hint: 'if you trust the host, add it to MKIMAGE_TRUSTED_HOSTS',
  });
}
