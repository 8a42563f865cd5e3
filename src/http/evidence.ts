/** What went wrong on the wire, as facts that code can decide by and as errors that a person can act on. */
import { type Evidence, isMkimageError, MkimageError } from '../errors.ts';
import { failedProxy, PROXY_HINT } from './proxy-fault.ts';
import type { HttpRules } from './request.ts';
import { cleanText } from './safe-text.ts';

/** Whether it is worth trying again, and what may have happened until now. */
export interface Fault {
  readonly temporary: boolean;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfter: number | undefined;
  /** True if surely no byte of the request reached the server. */
  readonly unsent: boolean;
}

const LASTING: Fault = { temporary: false, retryAfter: undefined, unsent: false };

/** What an error says of that. */
export function faultIn(error: unknown): Fault {
  const evidence = isMkimageError(error) ? error.evidence : undefined;
  if (evidence === undefined || !('temporary' in evidence) || evidence.temporary !== true) return LASTING;
  const unsent = 'systemCode' in evidence && UNSENT.has(evidence.systemCode ?? '');
  return { temporary: true, retryAfter: 'retryAfter' in evidence ? evidence.retryAfter : undefined, unsent };
}

/** What an answer says of itself. */
export function evidenceOf(answer: {
  readonly status: number;
  header(name: string): string | undefined;
}): Evidence['registry'] {
  const { status } = answer;
  const temporary = status === 408 || status === 429 || status === 500 || (status >= 502 && status <= 504);
  return { status, temporary, retryAfter: waitAskedFor(answer.header('retry-after'), answer.header('date')) };
}

/** The error for an exchange that broke: refused, reset, timed out, not trusted. What is one already stays. */
export function brokenExchange(error: unknown, url: URL, rules: HttpRules, proxy: URL | undefined): MkimageError {
  if (isMkimageError(error)) return error;
  const code = codeOf(error);
  const failed = failedProxy(error, url, proxy);
  const hint = failed === undefined ? HINTS.find(([pattern]) => pattern.test(code))?.[1] : PROXY_HINT;
  const through = failed === undefined ? '' : ` through the proxy \`${cleanText(failed)}\``;
  return new MkimageError('network', `${rules.describe(url)}${through}: ${cleanText(messageOf(error))}`, {
    cause: error,
    hint,
    evidence: { systemCode: code, temporary: TEMPORARY.has(code) || UNSENT.has(code) },
  });
}

/** `Retry-After` is seconds or a date; a date is measured against the answer's own clock (RFC 9110, 10.2.3). */
function waitAskedFor(value: string | undefined, date: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
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

/** Temporary too, and before there was a connection. */
const UNSENT: ReadonlySet<string> = new Set(['EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'the name could not be looked up; check the name and the network'],
  [/^ECONNREFUSED$/, 'nothing listens there; check the name and its port'],
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
  return error instanceof Error ? error.message || codeOf(error) : String(error);
}
