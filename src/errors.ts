/**
 * Errors at run time. Faults in a build file are `Diagnostic`s (src/instructions); they are collected, not thrown one by one.
 * Only `src/cli/text/print-error.ts` turns an error into text.
 */
import type { ErrorCode, Evidence, Place, Suspect } from './errors/evidence.ts';

export type { ErrorCode, Evidence, Finding, Place, SourceRange, SourceText, Suspect } from './errors/evidence.ts';

/** What an error has in addition to its message. `Code` decides the type of the evidence. */
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
  /** Facts about the failure; their type depends on the code. Control flow may depend on them, never on the message. */
  readonly evidence: Evidence[Code] | undefined;
  /** The position of the failed instruction in its build file. */
  readonly place: Place | undefined;
  /** The part of the store that may be damaged and must be checked. */
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

  /** A copy with more facts. The original is not changed, because others may hold it too. */
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

/** True for a `MkimageError`, optionally only with one code. The code narrows the type of the evidence. */
export function isMkimageError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is MkimageError<Code> {
  return error instanceof MkimageError && (code === undefined || error.code === code);
}

/** Returns what `read` returns, or undefined if it throws a `MkimageError` (of this code, if one is given). */
export function readOrUndefined<T>(read: () => T, code?: ErrorCode): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isMkimageError(error, code)) return undefined;
    throw error;
  }
}

/** Throws `cancelled` if the signal is aborted. Long synchronous loops call it regularly. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new MkimageError('cancelled', 'cancelled', { cause: signal.reason });
}
