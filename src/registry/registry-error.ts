/** Turns error answers of a registry into errors: short, without control characters or secrets. */
import { isMkimageError, MkimageError } from '../errors.ts';
import { type AnswerHead, cleanText, evidenceOf } from '../http/index.ts';

/** One entry of a registry's error body. */
interface RegistryFault {
  readonly code: string;
  readonly message: string;
}

/** The error for an answer with an error status, from the beginning of its body. */
export function createRefusal(answer: AnswerHead, body: Uint8Array, what: string): MkimageError {
  const faults = parseFaults(Buffer.from(body).toString('utf8'));
  const said = faults.map((fault) => cleanText(fault.message || fault.code)).join('; ');
  const detail = said === '' ? `status ${answer.status}` : `${said} (status ${answer.status})`;
  const hint = hintFor(answer.status);
  return new MkimageError(codeFor(answer.status), `${what}: ${detail}`, {
    hint,
    evidence: { ...evidenceOf(answer), faults: faults.map((fault) => cleanText(fault.code)) },
  });
}

/** True if the server does not speak TLS. A TLS server with an untrusted certificate is a different failure. */
export function isTlsNotAnswered(error: unknown): boolean {
  const code = isMkimageError(error, 'network') ? (error.evidence?.systemCode ?? '') : '';
  return /^(EPROTO|ERR_SSL_.*|ECONNRESET|UND_ERR_SOCKET)$/.test(code);
}

function parseFaults(body: string): readonly RegistryFault[] {
  try {
    const parsed: unknown = JSON.parse(body);
    const errors = (parsed as { errors?: unknown } | null)?.errors;
    return Array.isArray(errors) ? errors.slice(0, 5).map(parseFault) : [];
  } catch {
    return [];
  }
}

function parseFault(value: unknown): RegistryFault {
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
