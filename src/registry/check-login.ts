/** Checks credentials before they are saved. */
import type { HttpClient } from '../http/index.ts';
import type { Call } from '../progress.ts';
import { Authorizer } from './auth.ts';
import type { Credentials } from './credentials/port.ts';
import type { Endpoint } from './endpoint.ts';
import { createRefusal } from './registry-error.ts';
import { REGISTRY_RULES } from './registry-rules.ts';
import { findBase } from './scheme.ts';

const MOST_BYTES = 1024 * 1024;

export interface LoginTrial {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
}

/**
 * Asks the registry for `/v2/` with the credentials. Returns what to save: an identity token if the token server gave one, otherwise
 * the credentials. Throws `registry` if they are refused, `network`, `cancelled`.
 */
export async function checkLogin(
  http: HttpClient,
  { endpoint, credentials }: LoginTrial,
  call: Call,
): Promise<Credentials> {
  const { registry } = endpoint;
  call.log?.hide([credentials.secret]);
  const url = await findBase(endpoint, http, call);
  const what = `log in to \`${registry}\``;
  let refreshToken: string | undefined;
  const onToken = (answer: { readonly refreshToken: string | undefined }) => {
    refreshToken = answer.refreshToken;
  };
  const authorizer = new Authorizer({ registry, http, credentials: async () => credentials, onToken });
  const ask = (headers: Readonly<Record<string, string>>) =>
    http.read({ url, headers, what, rules: REGISTRY_RULES, mostBytes: MOST_BYTES }, call);
  let answer = await ask({});
  const header = answer.status === 401 ? await authorizer.answer(answer, { scope: '' }, call) : undefined;
  if (header !== undefined) answer = await ask({ authorization: header });
  if (answer.status !== 200) throw explainRefusal(createRefusal(answer, answer.bytes, what));
  if (refreshToken === undefined) return credentials;
  return { kind: 'identity-token', username: credentials.username, secret: refreshToken };
}

function explainRefusal(error: ReturnType<typeof createRefusal>): Error {
  const status = error.evidence !== undefined && 'status' in error.evidence ? error.evidence.status : undefined;
  if (status === 404) return error.with({ hint: 'check the name of the registry' });
  return status === 401 || status === 403 ? error.with({ hint: 'check the user name and the password' }) : error;
}
