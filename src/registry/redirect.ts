import { MkimageError } from '../errors.ts';
import { isLoopbackHost } from '../http/index.ts';
import { redactUrl } from './registry-error.ts';
import type { Answer, Exchange, Transport } from './transport.ts';

const MOST_HOPS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface FollowedAnswer extends Answer {
  /** True if the answer comes from another scheme, host or port than was asked. */
  readonly elsewhere: boolean;
}

/**
 * GETs a URL and follows redirects. `Authorization` stays behind as soon as scheme, host or port change, for good; HTTPS never
 * becomes HTTP; plain HTTP goes no further than this machine.
 */
export async function getFollowing(transport: Transport, first: Exchange): Promise<FollowedAnswer> {
  let exchange = first;
  for (let hops = 0; hops <= MOST_HOPS; hops++) {
    const answer = await transport.get(exchange);
    const location = REDIRECTS.has(answer.status) ? answer.header('location') : undefined;
    if (location === undefined) return { ...answer, elsewhere: exchange.url.origin !== first.url.origin };
    answer.discard();
    exchange = redirected(transport, exchange, first, targetOf(location, exchange.url));
  }
  throw new MkimageError('registry', `follow redirects of \`${redactUrl(first.url)}\`: more than ${MOST_HOPS}`);
}

function redirected(transport: Transport, from: Exchange, first: Exchange, url: URL): Exchange {
  if (url.origin === from.url.origin) return { ...from, url };
  const { authorization: _left, ...headers } = from.headers;
  // Who was sent to may lie no further in than where it began: a remote registry has no business on this machine.
  const reach = first.reach === 'local' ? transport.reach(first.url, url) : first.reach;
  return { ...from, url, headers, reach };
}

function targetOf(location: string, base: URL): URL {
  const url = URL.canParse(location, base.href) ? new URL(location, base) : undefined;
  const reason = url === undefined ? 'the location is not a URL' : reasonToRefuse(url, base);
  if (url !== undefined && reason === undefined) return url;
  throw new MkimageError('registry', `follow redirect of \`${redactUrl(base)}\`: ${reason}`);
}

function reasonToRefuse(url: URL, base: URL): string | undefined {
  if (url.username !== '' || url.password !== '') return 'the location carries a user name';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') return `the location is not HTTP but \`${url.protocol}\``;
  if (base.protocol === 'https:') return 'the location leaves HTTPS';
  return isLoopbackHost(url.hostname) ? undefined : 'the location is plain HTTP';
}
