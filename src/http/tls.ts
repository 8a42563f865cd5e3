/** Certificate authorities and client certificates of TLS connections. */
import { createSecureContext, type SecureContext } from 'node:tls';

/**
 * TLS settings of one host. Docker stores them in `certs.d/<host:port>/` (ca.crt, client.cert, client.key). The reader of that
 * folder passes them to the client as `tlsFor`.
 */
export interface HostTls {
  /** PEM of additional authorities for this host. */
  readonly authorities?: readonly string[];
  /** PEM of the client's certificate (with its chain) and key. Sent to this host only, never to a proxy. */
  readonly identity?: { readonly certificate: string; readonly key: string };
  /** True: connect without verifying the certificate, because the configuration calls the host insecure. */
  readonly unverified?: boolean;
}

/**
 * A context that trusts Node's authorities and the given ones; undefined if none are given. Many connections can share it.
 * Node 20 ignores NODE_EXTRA_CA_CERTS in such a context, so the caller must include those authorities.
 */
export function createTlsContext(authorities: readonly string[], host: HostTls = {}): SecureContext | undefined {
  const { authorities: own = [], identity } = host;
  if (authorities.length + own.length === 0 && identity === undefined) return undefined;
  const context = createSecureContext(identity === undefined ? {} : { cert: identity.certificate, key: identity.key });
  // The option `ca` would replace Node's or the system's list. `addCACert` adds to it.
  for (const pem of [...authorities, ...own]) (context.context as NativeContext).addCACert(pem);
  return context;
}

/** The part of Node's internal object with `addCACert`, which all supported versions have. */
interface NativeContext {
  addCACert(pem: string): void;
}
