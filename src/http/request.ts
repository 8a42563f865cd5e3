/** What is asked of a server, and by which rules. */
import type { Readable } from 'node:stream';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Names in lower case. */
export type Headers = Readonly<Record<string, string>>;

/** The bytes of a request. The client opens them once for each time that they are sent, and closes what it opened. */
export interface RequestBody {
  /** Bytes; undefined if nobody knows: they are sent in chunks then. */
  readonly length: number | undefined;
  /** True if `open` gives the same bytes every time. Without it a request is sent once, whatever happens. */
  readonly replayable: boolean;
  readonly open: () => Readable | Promise<Readable>;
}

/**
 * By what rules an exchange is judged, and how its failures are told. There is one object of these per protocol: registries
 * have theirs in src/registry, fetches of URLs in src/context.
 */
export interface HttpRules {
  /** The code of failures that are the server's or the network's fault. */
  readonly code: 'network' | 'registry';
  /** Begins messages: `reach \`host\``. Names no secret of the URL. */
  readonly describe: (url: URL) => string;
  /**
   * How far in a host may lie to which a server sends us. `as-sender`: as far as that server does itself. `internet`: on the
   * internet, except for the same host.
   */
  readonly reach: 'as-sender' | 'internet';
  /** Where a server that was asked over plain HTTP may send us over plain HTTP. */
  readonly plainHttp: 'anywhere' | 'this-machine';
}

/** Delays are milliseconds and double from `firstDelay`. */
export interface RetryPolicy {
  readonly retries: number;
  readonly firstDelay: number;
  /** Also the longest `Retry-After` that is obeyed; a server that wants more is not waited for. */
  readonly longestDelay: number;
}

export interface HttpRequest {
  /** http or https. A user and password in it are not sent: they belong into `headers`. */
  readonly url: URL;
  readonly rules: HttpRules;
  /** `GET` unless told. */
  readonly method?: Method;
  /** `authorization` and cookies go to the URL's own scheme, host and port only, whoever sends us elsewhere. */
  readonly headers?: Headers;
  readonly body?: RequestBody;
  /** The server that named the URL; without it the user did, and it may lie anywhere. */
  readonly namedBy?: URL;
  /** Begins messages about the content: `fetch manifest of …`; else `rules.describe`. */
  readonly what?: string;
  /** Most bytes of the answer's body; else MKIMAGE_LIMIT_FETCH_BYTES. */
  readonly mostBytes?: number;
  /** True for a POST or PATCH that may be done twice. Every other method may (RFC 9110, 9.2.2). */
  readonly repeatable?: boolean;
  /** In place of the client's. */
  readonly retries?: RetryPolicy;
}
