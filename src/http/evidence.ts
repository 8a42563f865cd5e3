/** Turns network failures into errors with evidence, and reads that evidence for retries. */
import { type Evidence, isMkimageError, MkimageError } from '../errors.ts';
import { findFailedProxy, PROXY_HINT } from './proxy-fault.ts';
import type { HttpRules } from './request.ts';
import { cleanText } from './safe-text.ts';

/** Facts about a failure that decide about a retry. */
export interface Fault {
  readonly temporary: boolean;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfter: number | undefined;
  /** True if no byte of the request can have reached the server. */
  readonly unsent: boolean;
}

const LASTING: Fault = { temporary: false, retryAfter: undefined, unsent: false };

/** Reads the facts from an error's evidence. */
export function readFault(error: unknown): Fault {
  const evidence = isMkimageError(error) ? error.evidence : undefined;
  if (evidence === undefined || !('temporary' in evidence) || evidence.temporary !== true) return LASTING;
  const unsent = 'systemCode' in evidence && UNSENT.has(evidence.systemCode ?? '');
  return { temporary: true, retryAfter: 'retryAfter' in evidence ? evidence.retryAfter : undefined, unsent };
}

/** The evidence of an answer with an error status. */
export function evidenceOf(answer: {
  readonly status: number;
  header(name: string): string | undefined;
}): Evidence['registry'] {
  const { status } = answer;
  const temporary = status === 408 || status === 429 || status === 500 || (status >= 502 && status <= 504);
  return { status, temporary, retryAfter: parseRetryAfter(answer.header('retry-after'), answer.header('date')) };
}

/** True if no server was reached: the network is down, or the host. A server that refuses or is not trusted is a different failure. */
export function isUnreachable(error: unknown): boolean {
  return isMkimageError(error, 'network') && UNREACHABLE.has(error.evidence?.systemCode ?? '');
}

interface FailedExchange {
  readonly url: URL;
  readonly rules: HttpRules;
  readonly proxy?: URL | undefined;
}

/** The error for a failed exchange: refused, reset, timed out, not trusted. An `MkimageError` is returned unchanged. */
export function toExchangeError(error: unknown, { url, rules, proxy }: FailedExchange): MkimageError {
  if (isMkimageError(error)) return error;
  const code = codeOf(error);
  const failed = findFailedProxy(error, url, proxy);
  const hint = failed === undefined ? HINTS.find(([pattern]) => pattern.test(code))?.[1] : PROXY_HINT;
  const through = failed === undefined ? '' : ` through the proxy \`${cleanText(failed)}\``;
  return new MkimageError('network', `${rules.describe(url)}${through}: ${cleanText(messageOf(error))}`, {
    cause: error,
    hint,
    evidence: { systemCode: code, temporary: TEMPORARY.has(code) || UNSENT.has(code) },
  });
}

/** Parses `Retry-After`: seconds or a date. A date is compared with the answer's own `Date` header (RFC 9110, 10.2.3). */
function parseRetryAfter(value: string | undefined, date: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  // All forms of a date begin with a weekday. `Date.parse` would read `-5` and `1.5` as dates, too.
  if (!/^[A-Z]/i.test(value)) return undefined;
  const wait = Date.parse(value) - Date.parse(date ?? '');
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

const TEMPORARY: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);

/** Temporary failures before a connection existed. */
const UNSENT: ReadonlySet<string> = new Set(['EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

const UNREACHABLE: ReadonlySet<string> = new Set([
  ...UNSENT,
  'ENOTFOUND',
  'ECONNREFUSED',
  'ENETDOWN',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ETIMEDOUT',
]);

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'the name could not be looked up; check the name and the network'],
  [/^ECONNREFUSED$/, 'nothing listens there; check the name and its port'],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/,
    'the certificate is not trusted; `--ca FILE` and the folder `certs.d` add authorities',
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
  // An AggregateError (one failure per address) has no message.
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  // Newer Node versions append advice about flags of Node, which a user of mkimage cannot set.
  return error.message.replace(/; if the root CA is installed locally.*$/, '') || codeOf(error);
}
