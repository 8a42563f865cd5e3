/** Entries of the debug log for HTTP exchanges. They have no request headers and no bodies. */
import type { Log } from '../progress.ts';
import type { Answer } from './answer.ts';
import type { Hop } from './redirect.ts';
import { redactUrl } from './safe-text.ts';

export interface LoggedExchange {
  readonly log: Log;
  readonly hop: Hop;
  readonly proxy: URL | undefined;
  /** Number of certificate authorities in addition to Node's. */
  readonly authorities: number;
  /** By `performance.now()`. */
  readonly begun: number;
}

/** Logs the head of an answer; `logBody` logs the end of its body. */
export function logAnswer(exchange: LoggedExchange, answer: Answer): void {
  const { log, hop } = exchange;
  log.debug('http', hop.method, {
    ...routeOf(exchange),
    status: answer.status,
    ms: millisecondsSince(exchange.begun),
    length: answer.header('content-length'),
    type: answer.header('content-type'),
  });
}

export function logFault(exchange: LoggedExchange, error: Error): void {
  const { log, hop, begun } = exchange;
  log.debug('http', hop.method, { ...routeOf(exchange), failed: error.message, ms: millisecondsSince(begun) });
}

export function logBody({ log, hop, begun }: LoggedExchange, bytes: number): void {
  log.debug('http', 'body ended', { url: redactUrl(hop.url), bytes, ms: millisecondsSince(begun) });
}

function routeOf({ hop: { url, headers, body }, proxy, authorities }: LoggedExchange) {
  return {
    url: redactUrl(url),
    authorization: Object.keys(headers).some((name) => name.toLowerCase() === 'authorization') ? 'sent' : 'none',
    sent: body?.length,
    proxy: proxy?.host ?? 'none',
    trust: url.protocol !== 'https:' ? undefined : authorities === 0 ? 'default' : `default and ${authorities} more`,
  };
}

function millisecondsSince(begun: number): number {
  return Math.round(performance.now() - begun);
}
