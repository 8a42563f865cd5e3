/** Requests, and the rules for them. */
import type { Readable } from 'node:stream';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Header names are in lower case. */
export type Headers = Readonly<Record<string, string>>;

/** The body of a request. The client opens it for each send, and closes the stream afterwards. */
export interface RequestBody {
  /** In bytes; undefined: unknown, and sent with chunked encoding. */
  readonly length: number | undefined;
  /** True if `open` gives the same bytes every time. Otherwise the request is sent once and never retried. */
  readonly replayable: boolean;
  readonly open: () => Readable | Promise<Readable>;
  /** It holds credentials, which a redirect may not carry to another scheme, host or port. */
  readonly isSecret?: boolean;
}

/**
 * Rules for redirects and errors. Each protocol has one object of rules: for registries in src/registry, for fetches of URLs in
 * src/context.
 */
export interface HttpRules {
  /** The error code for failures of the server or the network. */
  readonly code: 'network' | 'registry';
  /** First part of error messages: `reach \`host\``. Must not contain secrets of the URL. */
  readonly describe: (url: URL) => string;
  /**
   * The hosts that a server may redirect to. `as-sender`: hosts that are not more private than the server. `internet`: hosts on
   * the internet, and the server itself.
   */
  readonly reach: 'as-sender' | 'internet';
  /** Which plain HTTP redirects are allowed after a plain HTTP request. */
  readonly plainHttp: 'anywhere' | 'this-machine';
}

/** Delays are in milliseconds. They start with `firstDelay` and double. */
export interface RetryPolicy {
  readonly retries: number;
  readonly firstDelay: number;
  /** Also the longest accepted `Retry-After`. A longer one ends the retries. */
  readonly longestDelay: number;
}

export interface HttpRequest {
  /** http or https. A user and password in it are not sent; use `headers`. */
  readonly url: URL;
  readonly rules: HttpRules;
  /** Default: `GET`. */
  readonly method?: Method;
  /** `authorization` and cookies are sent only to the scheme, host and port of `url`, not to redirect targets. */
  readonly headers?: Headers;
  readonly body?: RequestBody;
  /** The server that named the URL; undefined: the user named it, and it may be in any network. */
  readonly namedBy?: URL;
  /** First part of error messages about the content: `fetch manifest of …`; default: `rules.describe`. */
  readonly what?: string;
  /** Most bytes of the answer's body; default: MKIMAGE_LIMIT_FETCH_BYTES. */
  readonly mostBytes?: number;
  /** True for a POST or PATCH that can be repeated. All other methods can (RFC 9110, 9.2.2). */
  readonly repeatable?: boolean;
  /** Default: the policy of the client. */
  readonly retries?: RetryPolicy;
}
