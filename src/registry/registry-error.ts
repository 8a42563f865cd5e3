/** What a registry refuses, as errors that a person can act on: bounded, without control characters or secrets. */
import { isMkimageError, MkimageError } from '../errors.ts';
import { type AnswerHead, cleanText, evidenceOf } from '../http/index.ts';

/** One entry of a registry's error body. */
interface RegistryFault {
  readonly code: string;
  readonly message: string;
}

/** The error for an answer with a status that is none of success, from the beginning of its body. */
export function refusalOf(answer: AnswerHead, body: Uint8Array, what: string): MkimageError {
  const faults = faultsIn(Buffer.from(body).toString('utf8'));
  const said = faults.map((fault) => cleanText(fault.message || fault.code)).join('; ');
  const detail = said === '' ? `status ${answer.status}` : `${said} (status ${answer.status})`;
  const hint = hintFor(answer.status);
  return new MkimageError(codeFor(answer.status), `${what}: ${detail}`, {
    hint,
    evidence: { ...evidenceOf(answer), faults: faults.map((fault) => cleanText(fault.code)) },
  });
}

/** True if the peer did not speak TLS, which is different from speaking it with a certificate nobody trusts. */
export function isTlsNotAnswered(error: unknown): boolean {
  const code = isMkimageError(error, 'network') ? (error.evidence?.systemCode ?? '') : '';
  return /^(EPROTO|ERR_SSL_.*|ECONNRESET|UND_ERR_SOCKET)$/.test(code);
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
