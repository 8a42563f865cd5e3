/**
 * What goes wrong while working. Faults in what the author wrote are `Diagnostic`s (src/instructions), never thrown one by one.
 * Only `src/cli/print-error.ts` turns an error into text.
 */

/** Every way mkimage can fail, as a literal. The exit code follows from it (src/cli/exit-code.ts). */
export type ErrorCode =
  | 'usage' // a flag or argument is wrong
  | 'build-file' // the build file has errors; `diagnostics` carries them
  | 'not-found' // a file, stage, image, container that was named does not exist
  | 'source-missing' // COPY/ADD source not in its root
  | 'step-failed' // a RUN ended with a non-zero status or a signal; a COPY cannot put its files there
  | 'sandbox' // a step could not be started; isolation asked for is not to be had
  | 'registry' // a registry refused or gave a wrong answer
  | 'network' // the network could not be reached
  | 'integrity' // bytes do not match their digest, size or declared type
  | 'invalid-reference' // an image reference or digest is not well formed
  | 'invalid-archive' // a tar, layout or image is malformed or hostile
  | 'limit' // a bound on size, count or ratio was passed
  | 'store' // the store cannot be read or written (disk full, permissions)
  | 'in-use' // what should be removed is still needed
  | 'unsupported' // understood, but cannot be done on this machine
  | 'cancelled' // the caller's signal fired
  | 'internal';

export interface ErrorDetails {
  readonly cause?: unknown;
  /** What to do next, one sentence, no trailing dot. */
  readonly hint?: string;
  /** Evidence: whatever a printer or a test wants to see, e.g. `{ expected, found }`. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The one error class. Message: lower case, "verb noun: detail", no trailing dot, user text in backticks. */
export class MkimageError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, more: ErrorDetails = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'MkimageError';
    this.code = code;
    this.hint = more.hint;
    this.details = more.details ?? {};
  }
}

/** True for a `MkimageError`, optionally of one code. */
export function isMkimageError(error: unknown, code?: ErrorCode): error is MkimageError {
  return error instanceof MkimageError && (code === undefined || error.code === code);
}

/** Throws `cancelled` when the signal has fired. Long synchronous loops call it now and then. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new MkimageError('cancelled', 'cancelled', { cause: signal.reason });
}
