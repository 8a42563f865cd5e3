/** Whom a TLS connection trusts, and as whom it shows itself. */
import { createSecureContext, type SecureContext } from 'node:tls';

/**
 * What one host is reached with. Docker keeps it in `certs.d/<host:port>/` (ca.crt, client.cert, client.key); who reads that
 * folder gives it to the client as `tlsFor`.
 */
export interface HostTls {
  /** PEM; trusted for this host besides all others. */
  readonly authorities?: readonly string[];
  /** PEM of the client's certificate (with its chain) and key. Shown to this host only, never to a proxy. */
  readonly identity?: { readonly certificate: string; readonly key: string };
}

/**
 * Whom Node trusts and the given authorities as well; undefined: nobody else. One context serves any number of connections.
 * Node 20 forgets NODE_EXTRA_CA_CERTS here: who names authorities names those, too.
 */
export function secureContext(authorities: readonly string[], host: HostTls = {}): SecureContext | undefined {
  const { authorities: own = [], identity } = host;
  if (authorities.length + own.length === 0 && identity === undefined) return undefined;
  const context = createSecureContext(identity === undefined ? {} : { cert: identity.certificate, key: identity.key });
  // The option `ca` would replace Node's list or the system's; this adds to them.
  for (const pem of [...authorities, ...own]) (context.context as NativeContext).addCACert(pem);
  return context;
}

/** The part of Node's own object that has had this method since there is one. */
interface NativeContext {
  addCACert(pem: string): void;
}
