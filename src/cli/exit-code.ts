import { type ErrorCode, isMkimageError } from '../errors.ts';

/** What the process ends with, so that a script can tell what to do next. */
export const EXIT_CODE = {
  done: 0,
  internal: 1,
  usage: 2,
  buildFile: 3,
  stepFailed: 4,
  registry: 5,
  cancelled: 130,
} as const;

export type ExitCode = (typeof EXIT_CODE)[keyof typeof EXIT_CODE];

const BY_ERROR: Readonly<Record<ErrorCode, ExitCode>> = {
  usage: EXIT_CODE.usage,
  'invalid-reference': EXIT_CODE.usage,
  'build-file': EXIT_CODE.buildFile,
  'source-missing': EXIT_CODE.stepFailed,
  'step-failed': EXIT_CODE.stepFailed,
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

/** The exit code of a failure; anything that is not a `MkimageError` is a fault of the program. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!isMkimageError(error)) return EXIT_CODE.internal;
  // What a step did not find is the step's failure.
  return error.code === 'not-found' && error.place !== undefined ? EXIT_CODE.stepFailed : BY_ERROR[error.code];
}

/** What each exit code means, for the manual. */
export const EXIT_CODE_MEANINGS: readonly (readonly [code: ExitCode, about: string])[] = [
  [EXIT_CODE.done, 'done'],
  [EXIT_CODE.internal, 'something else failed: the message says what'],
  [EXIT_CODE.usage, 'a flag or argument is wrong'],
  [EXIT_CODE.buildFile, 'the build file has errors, or a check found something'],
  [EXIT_CODE.stepFailed, 'a step failed'],
  [EXIT_CODE.registry, 'a registry or the network failed, or a base image cannot be resolved'],
  [EXIT_CODE.cancelled, 'cancelled'],
];
