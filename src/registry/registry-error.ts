/** Turns what went wrong on the wire into errors a person can act on: bounded, without control characters or secrets. */
import type { Readable } from 'node:stream';
import { isMkimageError, MkimageError } from '../errors.ts';
import { failedProxy, PROXY_HINT, type ProxySettings } from '../http/index.ts';
import type { Answer } from './transport.ts';

const BODY_LIMIT = 16 * 1024;
const TEXT_LIMIT = 300;

/** One entry of a registry's error body (distribution-spec, error codes). */
interface RegistryFault {
  readonly code: string;
  readonly message: string;
}

/** The error for an answer with a status of 400 or more; reads its body, but no more than 16 KiB of it. */
export async function refusalOf(answer: Answer, what: string): Promise<MkimageError> {
  const faults = faultsIn(await readAtMost(answer.body, BODY_LIMIT));
  const said = faults.map((fault) => cleanText(fault.message || fault.code)).join('; ');
  const detail = said === '' ? `status ${answer.status}` : `${said} (status ${answer.status})`;
  const hint = hintFor(answer.status);
  return new MkimageError(codeFor(answer.status), `${what}: ${detail}`, {
    hint,
    evidence: {
      status: answer.status,
      faults: faults.map((fault) => cleanText(fault.code)),
      temporary: isTemporaryStatus(answer.status),
      retryAfter: retryAfterOf(answer),
    },
  });
}

/** The error for an exchange that broke: refused, reset, timed out, not trusted. */
export function networkErrorOf(error: unknown, url: URL, proxies?: ProxySettings): MkimageError {
  if (isMkimageError(error)) return error;
  const code = codeOf(error);
  const proxy = failedProxy(error, url, proxies);
  const hint = proxy === undefined ? NETWORK_HINTS.find(([pattern]) => pattern.test(code))?.[1] : PROXY_HINT;
  const through = proxy === undefined ? '' : ` through the proxy \`${cleanText(proxy)}\``;
  return new MkimageError('network', `reach \`${url.host}\`${through}: ${cleanText(messageOf(error))}`, {
    cause: error,
    hint,
    evidence: { systemCode: code, temporary: TEMPORARY_CODES.has(code) },
  });
}

/** True if trying again may help. */
export function isTemporary(error: unknown): boolean {
  const evidence = isMkimageError(error) ? error.evidence : undefined;
  return evidence !== undefined && 'temporary' in evidence && evidence.temporary === true;
}

/** Milliseconds that the server asked to wait, if it did. */
export function retryAfterIn(error: unknown): number | undefined {
  return isMkimageError(error, 'registry') ? error.evidence?.retryAfter : undefined;
}

/** True if the peer did not speak TLS, which is different from speaking it with a certificate nobody trusts. */
export function isTlsNotAnswered(error: unknown): boolean {
  const code = isMkimageError(error, 'network') ? (error.evidence?.systemCode ?? '') : '';
  return /^(EPROTO|ERR_SSL_.*|ECONNRESET|UND_ERR_SOCKET)$/.test(code);
}

/** A URL fit for messages: without user, password, query (signed URLs carry secrets there) and fragment. */
export function redactUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

/** One line of at most 300 printable characters; URLs inside lose what may be secret. */
export function cleanText(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  const safe = line.replace(
    /\b(https?:\/\/)(?:[^\s/@]*@)?([^\s?#"'`]*)([?#][^\s"'`]*)?/gi,
    (_all, scheme, rest, query) => (query === undefined ? `${scheme}${rest}` : `${scheme}${rest}?…`),
  );
  const short = safe.replace(/\b(bearer|basic)\s+\S+/gi, '$1 …');
  return short.length > TEXT_LIMIT ? `${short.slice(0, TEXT_LIMIT)}…` : short;
}

/** The first bytes of a stream as text; the rest is not read. */
export async function readAtMost(body: Readable, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= limit) break;
    }
  } catch {
    // A body that breaks off still leaves what was read, and the status.
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8');
}

function faultsIn(body: string): readonly RegistryFault[] {
  try {
    const parsed: unknown = JSON.parse(body);
    const errors = (parsed as { errors?: unknown } | null)?.errors;
    return Array.isArray(errors) ? errors.slice(0, 5).map(faultOf) : [];
  } catch {
    return [];
  }
}

function faultOf(value: unknown): RegistryFault {
  const { code, message } = (value ?? {}) as { code?: unknown; message?: unknown };
  return { code: typeof code === 'string' ? code : '', message: typeof message === 'string' ? message : '' };
}

function codeFor(status: number): 'not-found' | 'registry' {
  return status === 404 ? 'not-found' : 'registry';
}

function hintFor(status: number): string | undefined {
  switch (status) {
    case 401:
    case 403:
      return 'the repository does not exist, or it is not open to everybody';
    case 404:
      return 'check the name and the tag';
    case 429:
      return 'the registry limits how often it is asked; try again later';
    default:
      return undefined;
  }
}

function isTemporaryStatus(status: number): boolean {
  return status === 408 || status === 429 || status === 500 || (status >= 502 && status <= 504);
}

/** `Retry-After` is seconds or a date; a date is measured against the answer's own clock (RFC 9110, 10.2.3). */
function retryAfterOf(answer: Answer): number | undefined {
  const value = answer.header('retry-after');
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const wait = Date.parse(value) - Date.parse(answer.header('date') ?? '');
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

const TEMPORARY_CODES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);

const NETWORK_HINTS: readonly (readonly [RegExp, string])[] = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'the name could not be looked up; check the registry name and the network'],
  [/^ECONNREFUSED$/, 'nothing listens there; check the registry name and its port'],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/,
    'the certificate is not trusted; `--ca FILE` names a further authority',
  ],
  [/^(EPROTO|ERR_SSL_)/, 'the server does not speak TLS; plain HTTP is used only with this machine itself'],
];

function codeOf(error: unknown): string {
  const own = (error as { code?: unknown } | null)?.code;
  if (typeof own === 'string') return own;
  const cause = (error as { cause?: unknown } | null)?.cause;
  return cause === undefined ? '' : codeOf(cause);
}

function messageOf(error: unknown): string {
  // An AggregateError (one failure per address) has no message of its own.
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
