/** Finds out whether a registry speaks TLS. */
import { isMkimageError } from '../errors.ts';
import { type HttpClient, NO_RETRIES } from '../http/index.ts';
import type { Call } from '../progress.ts';
import type { Endpoint } from './endpoint.ts';
import { isTlsNotAnswered } from './registry-error.ts';
import { REGISTRY_RULES } from './registry-rules.ts';

/** The URL of the API, which ends with `/v2/`. Throws `network`, `registry`. */
export async function findBase(endpoint: Endpoint, http: HttpClient, call: Call): Promise<URL> {
  return new URL(`${await findScheme(endpoint, http, call)}//${endpoint.host}${endpoint.path}/v2/`);
}

/**
 * `http:` only for a registry on this machine, or one that the configuration calls insecure, and only if it does not speak TLS. On
 * this machine HTTP is tried first, which is faster; the question has no credentials.
 */
async function findScheme(endpoint: Endpoint, http: HttpClient, call: Call): Promise<'https:' | 'http:'> {
  const { host, path, loopback, insecure, scheme } = endpoint;
  if (scheme !== undefined) return scheme;
  if (!loopback && !insecure) return 'https:';
  if (loopback && (await speaksPlainHttp(endpoint, http, call))) return 'http:';
  try {
    const url = new URL(`https://${host}${path}/v2/`);
    const answer = await http.send({ url, rules: REGISTRY_RULES, retries: NO_RETRIES }, call);
    answer.discard();
    call.log?.debug('registry', 'https is used', { registry: host, status: answer.status });
    return 'https:';
  } catch (error) {
    // The port of HTTPS may be closed if the registry serves only plain HTTP on its usual port.
    const isClosed = insecure && isMkimageError(error, 'network') && !/:\d+$/.test(host);
    if (!isTlsNotAnswered(error) && !isClosed) throw error;
    call.log?.debug('registry', 'no TLS: http is used', { registry: host });
    return 'http:';
  }
}

/** Servers that speak TLS answer to plain HTTP with status 400, or close the connection. */
async function speaksPlainHttp({ host, path }: Endpoint, http: HttpClient, call: Call): Promise<boolean> {
  try {
    const url = new URL(`http://${host}${path}/v2/`);
    const answer = await http.send({ url, rules: REGISTRY_RULES, retries: NO_RETRIES }, call);
    answer.discard();
    call.log?.debug('registry', 'plain HTTP requested', { registry: host, status: answer.status });
    return answer.status !== 400;
  } catch (error) {
    if (!isMkimageError(error, 'network')) throw error;
    return false;
  }
}
