/** Redirects of git servers. git itself would follow them to any address; here they get the same checks as other fetches. */
import { isMkimageError, MkimageError } from '../../errors.ts';
import type { HttpClient } from '../../http/index.ts';
import { withoutCredentials } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import { requestFor } from '../http/ask-url.ts';

/** git's first request to a server (gitprotocol-http, "Smart Clients"). */
const FIRST_QUESTION = '/info/refs?service=git-upload-pack';

/** True if git failed because the server answered with a redirect. */
export function isRedirect(error: unknown): boolean {
  return isMkimageError(error, 'network') && /returned error: 30[12378]\b/.test(error.evidence?.stderr ?? '');
}

/** Returns the remote that the server redirects to. Throws `network`, `usage`, `cancelled`. */
export async function redirectedRemote(remote: string, http: HttpClient, call: Call): Promise<string> {
  const asked = `${withoutSlash(remote)}${FIRST_QUESTION}`;
  const answer = await http.send(requestFor(asked, 'GET'), call);
  answer.discard();
  const where = new URL(answer.url);
  if (!answer.leftOrigin) ({ username: where.username, password: where.password } = new URL(remote));
  if (where.href.endsWith(FIRST_QUESTION)) return where.href.slice(0, -FIRST_QUESTION.length);
  throw new MkimageError(
    'network',
    `fetch \`${withoutCredentials(remote)}\`: the server redirects to a URL that is not a repository`,
  );
}

function withoutSlash(url: string): string {
  let end = url.length;
  while (url[end - 1] === '/') end -= 1;
  return url.slice(0, end);
}
