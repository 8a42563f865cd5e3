import { type ErrorCode, isMkimageError } from '../../../errors.ts';

/** A failure with a status of its own. */
export class HttpFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'HttpFailure';
    this.status = status;
  }
}

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  usage: 400,
  'invalid-reference': 400,
  'build-file': 400,
  'source-missing': 400,
  'step-failed': 400,
  'invalid-archive': 400,
  limit: 400,
  'not-found': 404,
  'in-use': 409,
  unsupported: 501,
};

/** The status for a failure, as Docker has it: 500 for what is not the client's fault. */
export function statusOf(error: unknown): number {
  if (error instanceof HttpFailure) return error.status;
  if (!isMkimageError(error)) return 500;
  return statusOfRegistry(error.evidence) ?? STATUS[error.code] ?? 500;
}

/** A registry that does not know an image or a user. */
function statusOfRegistry(evidence: unknown): number | undefined {
  const status = (evidence as { readonly status?: unknown } | undefined)?.status;
  return status === 401 || status === 403 || status === 404 ? status : undefined;
}

/** What a client shows. The hint is about this program's flags, except where it tells what is missing. */
export function messageOf(error: unknown): string {
  if (isMkimageError(error) || error instanceof HttpFailure) return error.message;
  return 'internal error: see the log of the daemon';
}
