/** Turns error answers of a registry into errors: short, without control characters or secrets. */
import { isMkimageError, MkimageError } from '../errors.ts';
import { type AnswerHead, cleanText, evidenceOf } from '../http/index.ts';
import { isDigest, type Reference } from '../oci/index.ts';

/** One entry of a registry's error body. */
interface RegistryFault {
  readonly code: string;
  readonly message: string;
  /** Digests in its detail. */
  readonly digests: readonly string[];
}

/** The error for an answer with an error status, from the beginning of its body. */
export function createRefusal(answer: AnswerHead, body: Uint8Array, what: string): MkimageError {
  const faults = parseFaults(Buffer.from(body).toString('utf8'));
  const said = faults.map(describeFault).join('; ');
  const detail = said === '' ? `status ${answer.status}` : `${said} (status ${answer.status})`;
  const hint = hintFor(answer.status);
  const digests = faults.flatMap((fault) => fault.digests);
  return new MkimageError(codeFor(answer.status), `${what}: ${detail}`, {
    hint,
    evidence: {
      ...evidenceOf(answer),
      faults: faults.map((fault) => cleanText(fault.code)),
      ...(digests.length > 0 && { digests }),
    },
  });
}

/** What the registry refused to change. */
interface RefusedChange {
  readonly what: string;
  readonly reference: Reference;
}

/** The same for a push. A refusal for lack of rights says how to log in. */
export function createPushRefusal(
  answer: AnswerHead,
  body: Uint8Array,
  { what, reference }: RefusedChange,
): MkimageError {
  const refusal = createRefusal(answer, body, what);
  const { status } = answer;
  if (status === 401 || status === 403) {
    const hint = `log in as a user who may push to it: \`mkimage login ${reference.registry}\``;
    return refusal.with({ hint });
  }
  const hint = PUSH_HINTS[status];
  return hint === undefined ? refusal : refusal.with({ hint });
}

/** The same for a deletion, which many registries do not offer. */
export function createDeletionRefusal(answer: AnswerHead, body: Uint8Array, change: RefusedChange): MkimageError {
  const refusal = createPushRefusal(answer, body, change);
  const isMissing = answer.status === 405 || answer.status === 501;
  if (!isMissing) return refusal;
  return new MkimageError('unsupported', refusal.message, { hint: 'this registry does not allow to delete it' });
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
  const { code, message, detail } = (value ?? {}) as { code?: unknown; message?: unknown; detail?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : '',
    digests: listDigests(detail),
  };
}

/** Registries write `"sha256:…"` or `{"digest": "sha256:…"}`. */
function listDigests(detail: unknown): readonly string[] {
  const inside = typeof detail === 'object' && detail !== null ? Object.values(detail) : [detail];
  return inside.filter((value) => typeof value === 'string' && isDigest(value)) as string[];
}

/** Docker's words: `denied: requested access to the resource is denied`. */
function describeFault({ code, message }: RegistryFault): string {
  const word = WORDS[code];
  const isSaid = word === undefined || message.toLowerCase().startsWith(word);
  return cleanText(isSaid ? message || code : `${word}: ${message}`);
}

const WORDS: Readonly<Record<string, string>> = { DENIED: 'denied', UNAUTHORIZED: 'unauthorized' };

const PUSH_HINTS: Readonly<Record<number, string>> = {
  404: 'the repository does not exist, or you may not push to it',
  413: 'the registry, or a proxy before it, takes no body of this size',
};

function codeFor(status: number): 'not-found' | 'registry' {
  return status === 404 ? 'not-found' : 'registry';
}

function hintFor(status: number): string | undefined {
  switch (status) {
    case 401:
    case 403:
      return 'the repository does not exist, or it needs other credentials; `mkimage login` saves them';
    case 404:
      return 'check the name and the tag';
    case 429:
      return 'the registry limits how often it is asked; try again later';
    default:
      return undefined;
  }
}
