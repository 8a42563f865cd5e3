import type { IncomingMessage } from 'node:http';
import type { Services } from '../../../engine/services.ts';
import { isObject } from './query.ts';

type CredentialProvider = Parameters<Services['withCredentials']>[0];
type Credentials = NonNullable<Awaited<ReturnType<CredentialProvider>>>;

/** Services with the credentials of the client, instead of those saved here: `X-Registry-Auth` has one login for the image of the request. */
export function withClientCredentials(services: Services, { headers }: IncomingMessage): Services {
  const credentials = readLogin(decodeHeader(headers['x-registry-auth']));
  return services.withCredentials(async () => credentials);
}

/** The same for builds: `X-Registry-Config` has a login for each registry. */
export function readRegistryConfig({ headers }: IncomingMessage): CredentialProvider {
  const document = decodeHeader(headers['x-registry-config']);
  const logins = new Map(
    Object.entries(document).map(
      ([server, login]) => [hostOf(server), readLogin(isObject(login) ? login : {})] as const,
    ),
  );
  return async (registry) => logins.get(registry);
}

/** base64url of a JSON object, with or without padding. What cannot be decoded counts as absent, as for Docker. */
function decodeHeader(header: string | readonly string[] | undefined): Readonly<Record<string, unknown>> {
  if (typeof header !== 'string' || header === '') return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** Reads a login of Docker's clients; undefined: it is empty. */
function readLogin(login: Readonly<Record<string, unknown>>): Credentials | undefined {
  const text = (name: string) => (typeof login[name] === 'string' ? (login[name] as string) : '');
  if (text('registrytoken') !== '') return { username: '', secret: text('registrytoken'), kind: 'registry-token' };
  if (text('identitytoken') !== '') return { username: '', secret: text('identitytoken'), kind: 'identity-token' };
  if (text('username') !== '') return { username: text('username'), secret: text('password') };
  return undefined;
}

/** `https://index.docker.io/v1/` is the key of Docker Hub. */
function hostOf(server: string): string {
  const mark = server.indexOf('://');
  const host = (mark < 0 ? server : server.slice(mark + 3)).split('/')[0]!;
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host;
}
