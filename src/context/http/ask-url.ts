/** Turns URLs, perhaps with user and password, into requests. */
import { MkimageError } from '../../errors.ts';
import type { Headers, HttpRequest } from '../../http/index.ts';
import { describeUrl } from '../../oci/index.ts';
import { FETCH_RULES } from './fetch-rules.ts';

/** Creates a request. The URL's user and password become credentials for its own origin. Throws `usage`. */
export function requestFor(text: string, method: 'GET' | 'HEAD', headers: Headers = {}): HttpRequest {
  const { username, password } = urlOf(text);
  const url = urlOf(text);
  url.username = '';
  url.password = '';
  url.hash = '';
  return { url, method, headers: { ...headers, ...credentialsOf(username, password) }, rules: FETCH_RULES };
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new MkimageError('usage', `fetch \`${describeUrl(text)}\`: only http and https URLs can be fetched`);
}

function credentialsOf(username: string, password: string): Headers {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
