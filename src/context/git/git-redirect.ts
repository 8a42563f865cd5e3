/** Redirects of git servers. git itself would follow them to any address; here they get the same checks as other fetches. */
import { isMkimageError, MkimageError } from '../../errors.ts';
import type { HttpClient } from '../../http/index.ts';
import { removeCredentials } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import { requestFor } from '../http/ask-url.ts';
import type { GitHeader } from './git-remote.ts';

/** git's first request to a server (gitprotocol-http, "Smart Clients"). */
const FIRST_QUESTION = '/info/refs?service=git-upload-pack';

/** True if git failed because the server answered with a redirect. */
export function isRedirect(error: unknown): boolean {
  return isMkimageError(error, 'network') && /returned error: 30[12378]\b/.test(error.evidence?.stderr ?? '');
}

/** Returns the remote that the server redirects to. Throws `network`, `usage`, `cancelled`. */
export async function redirectedRemote(
  { remote, header }: { readonly remote: string; readonly header: GitHeader | undefined },
  http: HttpClient,
  call: Call,
): Promise<string> {
  const asked = `${withoutSlash(remote)}${FIRST_QUESTION}`;
  const answer = await http.send(
    requestFor(asked, 'GET', header === undefined ? {} : { authorization: header.authorization }),
    call,
  );
  answer.discard();
  const where = new URL(answer.url);
  if (where.href.endsWith(FIRST_QUESTION)) return where.href.slice(0, -FIRST_QUESTION.length);
  throw new MkimageError(
    'network',
    `fetch \`${removeCredentials(remote)}\`: the server redirects to a URL that is not a repository`,
  );
}

function withoutSlash(url: string): string {
  let end = url.length;
  while (url[end - 1] === '/') end -= 1;
  return url.slice(0, end);
}
