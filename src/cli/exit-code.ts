import { type ErrorCode, isMkimageError } from '../errors.ts';

/** Exit codes of the process. Scripts use them to tell kinds of failures apart. */
export const EXIT_CODE = {
  done: 0,
  internal: 1,
  usage: 2,
  buildFile: 3,
  stepFailed: 4,
  registry: 5,
  cancelled: 130,
} as const;

/** One of `EXIT_CODE`, or that of a container. */
export type ExitCode = number;

const BY_ERROR: Readonly<Record<ErrorCode, ExitCode>> = {
  usage: EXIT_CODE.usage,
  'invalid-reference': EXIT_CODE.usage,
  'build-file': EXIT_CODE.buildFile,
  'source-missing': EXIT_CODE.stepFailed,
  'step-failed': EXIT_CODE.stepFailed,
  'not-cached': EXIT_CODE.stepFailed,
  'base-unavailable': EXIT_CODE.registry,
  registry: EXIT_CODE.registry,
  network: EXIT_CODE.registry,
  cancelled: EXIT_CODE.cancelled,
  'not-found': EXIT_CODE.internal,
  sandbox: EXIT_CODE.internal,
  integrity: EXIT_CODE.internal,
  'invalid-archive': EXIT_CODE.internal,
  limit: EXIT_CODE.internal,
  store: EXIT_CODE.internal,
  'in-use': EXIT_CODE.internal,
  unsupported: EXIT_CODE.internal,
  internal: EXIT_CODE.internal,
};

/** The exit code for a failure. An error that is not a `MkimageError` is a bug in the program: code 1. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!isMkimageError(error)) return EXIT_CODE.internal;
  // An error with a place comes from a step: the step failed because something was not found.
  return error.code === 'not-found' && error.place !== undefined ? EXIT_CODE.stepFailed : BY_ERROR[error.code];
}

/** Meanings of the exit codes, for the manual page. */
export const EXIT_CODE_MEANINGS: readonly (readonly [code: ExitCode, about: string])[] = [
  [EXIT_CODE.done, 'success'],
  [EXIT_CODE.internal, 'another failure; the message gives details'],
  [EXIT_CODE.usage, 'a flag or argument is invalid'],
  [EXIT_CODE.buildFile, 'the build file has errors, or a check reported a finding'],
  [EXIT_CODE.stepFailed, 'a step failed'],
  [EXIT_CODE.registry, 'a registry or the network failed, or a base image cannot be resolved'],
  [EXIT_CODE.cancelled, 'cancelled'],
];
