/** Failures of builds with the lines of the build file, as BuildKit's clients show them. */
import { isMkimageError, type SourceRange, type SourceText } from '../../../errors.ts';
import { Failure } from '../grpc/service.ts';
import { toStatus } from '../grpc/status.ts';

const SOURCE = 'github.com/moby/buildkit/errdefs.Source+json';

interface Located {
  readonly file: SourceText;
  readonly ranges: readonly SourceRange[];
}

/** Returns a failure for the client, with the place in the build file if the error has one. */
export function toFailure(error: unknown): Failure {
  const located = locate(error);
  const status = toStatus(error);
  return new Failure({ ...status, ...describe(error), details: located === undefined ? [] : [toDetail(located)] });
}

function locate(error: unknown): Located | undefined {
  if (!isMkimageError(error)) return undefined;
  if (error.place?.file !== undefined) return { file: error.place.file, ranges: [error.place.range] };
  if (!isMkimageError(error, 'build-file') && !isMkimageError(error, 'base-unavailable')) return undefined;
  const { evidence } = error;
  return evidence && { file: evidence.file, ranges: evidence.diagnostics.slice(0, 1).map(({ range }) => range) };
}

/** The first fault says more than how many there are. People look for BuildKit's text of a failed RUN in their logs. */
function describe(error: unknown): { readonly message?: string } {
  if (isMkimageError(error, 'step-failed')) return { message: toBuildkitQuotes(error.message) };
  if (!isMkimageError(error, 'build-file') && !isMkimageError(error, 'base-unavailable')) return {};
  const [first] = error.evidence?.diagnostics ?? [];
  if (first === undefined) return {};
  const hint = first.hint === undefined ? '' : ` (${first.hint})`;
  return { message: `${first.message}${hint}` };
}

function toDetail({ file: { name, text }, ranges }: Located): { typeUrl: string; value: Uint8Array } {
  const value = {
    info: { filename: name, data: Buffer.from(text).toString('base64') },
    ranges: ranges.map(({ start, end }) => ({ start: { line: start.line }, end: { line: end.line } })),
  };
  return { typeUrl: SOURCE, value: Buffer.from(JSON.stringify(value)) };
}

/** ``process `x` did not …`` with double quotes. */
export function toBuildkitQuotes(message: string): string {
  const [start, end] = ['process `', '` did not complete successfully'];
  const at = message.lastIndexOf(end);
  if (!message.startsWith(start) || at < start.length) return message;
  return `process ${JSON.stringify(message.slice(start.length, at))}${message.slice(at + 1)}`;
}
