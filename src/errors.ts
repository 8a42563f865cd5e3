/**
 * What goes wrong while working. Faults in what the author wrote are `Diagnostic`s (src/instructions), never thrown one by one.
 * Only `src/cli/text/print-error.ts` turns an error into text.
 */
import type { ErrorCode, Evidence, Place, Suspect } from './errors/evidence.ts';

export type { ErrorCode, Evidence, Finding, Place, SourceRange, SourceText, Suspect } from './errors/evidence.ts';

/** What an error may say besides its message. `Code` decides which evidence there can be. */
export interface ErrorOptions<Code extends ErrorCode = ErrorCode> {
  readonly cause?: unknown;
  /** What to do next, one sentence, no trailing dot. */
  readonly hint?: string | undefined;
  readonly evidence?: Evidence[Code];
  readonly place?: Place | undefined;
  readonly suspect?: Suspect | undefined;
}

/** The one error class. Message: lower case, "verb noun: detail", no trailing dot, user text in backticks. */
export class MkimageError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  /** What is known of the failure, in members that its code decides. Control flow may depend on it, never on the message. */
  readonly evidence: Evidence[Code] | undefined;
  /** Where in a build file the instruction stands that failed. */
  readonly place: Place | undefined;
  /** What of the store has to be looked at, since it may be damaged. */
  readonly suspect: Suspect | undefined;

  constructor(code: Code, message: string, options: ErrorOptions<Code> = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MkimageError';
    this.code = code;
    this.hint = options.hint;
    this.evidence = options.evidence;
    this.place = options.place;
    this.suspect = options.suspect;
  }

  /** The same failure with more known about it. The original stays as it is: others may hold it too. */
  with(more: ErrorOptions<Code> & { readonly message?: string }): MkimageError<Code> {
    const { code, hint, evidence, place, suspect, cause } = this;
    const { message = this.message, ...options } = more;
    const error = new MkimageError(code, message, {
      hint,
      place,
      suspect,
      ...(evidence !== undefined && { evidence }),
      ...(cause !== undefined && { cause }),
      ...options,
    });
    if (this.stack !== undefined) error.stack = this.stack;
    return error;
  }
}

/** True for a `MkimageError`, optionally of one code; that tells what evidence it has. */
export function isMkimageError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is MkimageError<Code> {
  return error instanceof MkimageError && (code === undefined || error.code === code);
}

/** Throws `cancelled` when the signal has fired. Long synchronous loops call it now and then. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new MkimageError('cancelled', 'cancelled', { cause: signal.reason });
}
