/** A token server as distribution describes it: passwords for tokens, and identity tokens for tokens. */
import { createHash, sign, X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type ScriptedServer, serve } from './scripted-server.ts';

export interface TokenServer extends AsyncDisposable {
  readonly server: ScriptedServer;
  /** For `startRegistry`: the registry takes the tokens of this server. */
  readonly trust: { readonly realm: string; readonly issuer: string; readonly service: string; readonly cert: string };
  /** A token for the scopes, without a question. */
  mint(scopes: readonly string[]): string;
}

export interface TokenServerOptions {
  readonly key: string;
  readonly cert: string;
  readonly username: string;
  readonly password: string;
  /** Given to clients that ask for an identity token, and taken from them. */
  readonly identityToken?: string;
}

/** Tokens give a user everything that is asked for, and strangers nothing. */
export async function serveTokens(options: TokenServerOptions): Promise<TokenServer> {
  let minted = 0;
  const mint = (scopes: readonly string[]) => signToken(options, scopes, ++minted);
  const server = await serve((request, response) => void answer(request, response, options, mint));
  return {
    server,
    trust: {
      realm: `http://127.0.0.1:${server.port}/token`,
      issuer: 'issuer',
      service: 'registry',
      cert: options.cert,
    },
    mint,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { username, password, identityToken }: TokenServerOptions,
  mint: (scopes: readonly string[]) => string,
): Promise<void> {
  const query = new URL(request.url ?? '', 'http://x').searchParams;
  const form = new URLSearchParams(request.method === 'POST' ? await text(request) : '');
  const { authorization } = request.headers;
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const isRefresh = form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === identityToken;
  if (request.method === 'POST' ? !isRefresh : authorization !== undefined && authorization !== basic) {
    response.writeHead(401);
    response.end('{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}');
    return;
  }
  const isKnown = isRefresh || authorization === basic;
  const scopes = [...query.getAll('scope'), ...(form.get('scope') ?? '').split(' ')].filter((scope) => scope !== '');
  const isOffline = query.get('offline_token') === 'true' && identityToken !== undefined && isKnown;
  response.setHeader('content-type', 'application/json');
  const token = mint(isKnown ? scopes : []);
  response.end(JSON.stringify({ token, access_token: token, ...(isOffline ? { refresh_token: identityToken } : {}) }));
}

/** A JWT with the certificate in its head. No two are equal. */
function signToken({ key, cert }: TokenServerOptions, scopes: readonly string[], nth: number): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const chain = [new X509Certificate(cert).raw.toString('base64')];
  const now = Math.floor(Date.now() / 1000);
  const access = scopes.map((scope) => {
    const [type, name, actions = ''] = scope.split(':');
    return { type, name, actions: actions.split(',') };
  });
  const jti = createHash('sha256')
    .update(`${nth} ${scopes.join(' ')}`)
    .digest('hex');
  const claims = { iss: 'issuer', sub: '', aud: 'registry', jti, nbf: now - 60, iat: now, exp: now + 600, access };
  const head = `${part({ typ: 'JWT', alg: 'ES256', x5c: chain })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(head), { key, dsaEncoding: 'ieee-p1363' });
  return `${head}.${signature.toString('base64url')}`;
}
