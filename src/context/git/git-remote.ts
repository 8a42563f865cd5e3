/** Where a repository is, and how git proves there who asks. */

import type { Call } from '../../progress.ts';

/** Finds the `Authorization` for the origin of a remote by http; undefined: none. */
export type FindAuthorization = (remote: URL, call: Call) => Promise<string | undefined>;

/** What is sent to one origin, as the header `Authorization`. */
export interface GitHeader {
  /** `https://host:port`. */
  readonly origin: string;
  readonly authorization: string;
}

/** A remote without credentials, and those that its URL had. */
export interface GitRemote {
  readonly url: string;
  readonly header: GitHeader | undefined;
}

/**
 * Takes the credentials out of a remote, because arguments of programs are visible to other users. Those of http become a header. ssh
 * needs its user name, and has no passwords in URLs.
 */
export function splitRemote(remote: string): GitRemote {
  if (!URL.canParse(remote) || !remote.includes('://')) return { url: remote, header: undefined };
  const url = new URL(remote);
  const { username, password, protocol, origin } = url;
  if (password === '' && (username === '' || !isWeb(protocol))) return { url: remote, header: undefined };
  url.password = '';
  if (!isWeb(protocol)) return { url: url.href, header: undefined };
  url.username = '';
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url: url.href, header: { origin, authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
}

/** The remote without credentials, and the header for its origin. Credentials of the URL come before `find`. */
export async function findRemote(text: string, find: FindAuthorization | undefined, call: Call): Promise<GitRemote> {
  const remote = splitRemote(text);
  const url = /^https?:/i.test(remote.url) ? new URL(remote.url) : undefined;
  const found = remote.header === undefined && url !== undefined ? await find?.(url, call) : undefined;
  const header = found === undefined ? remote.header : { origin: url?.origin ?? '', authorization: found };
  call.log?.hide(header === undefined ? [] : [header.authorization.replace(/^\w+ /, '')]);
  return { url: remote.url, header };
}

/** True if git reaches the remote by ssh: `ssh://host/path` or `user@host:path`. */
export function usesSsh(remote: string): boolean {
  return remote.includes('://') ? /^(git\+)?ssh:/i.test(remote) : /^[^/:]+:/.test(remote);
}

function isWeb(protocol: string): boolean {
  return protocol === 'http:' || protocol === 'https:';
}
