/** What the debug log says of exchanges: never a header of the request, never a body. */
import type { Log } from '../progress.ts';
import type { Answer } from './answer.ts';
import type { Hop } from './redirect.ts';
import { redactUrl } from './safe-text.ts';

export interface Told {
  readonly log: Log;
  readonly hop: Hop;
  readonly proxy: URL | undefined;
  /** How many certificate authorities are trusted besides Node's own. */
  readonly authorities: number;
  /** By `performance.now()`. */
  readonly begun: number;
}

/** Tells of the head of an answer; what came of its body is told when that ends (`tellBody`). */
export function tellAnswer(told: Told, answer: Answer): void {
  const { log, hop } = told;
  log.debug('http', hop.method, {
    ...routeOf(told),
    status: answer.status,
    ms: millisecondsSince(told.begun),
    length: answer.header('content-length'),
    type: answer.header('content-type'),
  });
}

export function tellFault(told: Told, error: Error): void {
  const { log, hop, begun } = told;
  log.debug('http', hop.method, { ...routeOf(told), failed: error.message, ms: millisecondsSince(begun) });
}

export function tellBody({ log, hop, begun }: Told, bytes: number): void {
  log.debug('http', 'body ended', { url: redactUrl(hop.url), bytes, ms: millisecondsSince(begun) });
}

function routeOf({ hop: { url, headers, body }, proxy, authorities }: Told) {
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
