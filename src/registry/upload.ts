/** Uploads one blob (distribution-spec, "Pushing blobs"): in one piece, in chunks, and from where an earlier attempt stopped. */
import { isMkimageError, throwIfCancelled } from '../errors.ts';
import { type RetryPolicy, waitAfter } from '../http/index.ts';
import type { Descriptor } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { PutOptions } from './index.ts';
import type { OpenUpload, UploadSession } from './upload-session.ts';

export interface Upload {
  readonly blob: Descriptor;
  readonly options: PutOptions;
  readonly session: UploadSession;
  readonly policy: RetryPolicy;
}

/** How far the upload is. */
interface State {
  open: OpenUpload;
  /** Most bytes of one body; undefined: all in one. */
  chunk: number | undefined;
}

/** Sizes of chunks if a registry refuses a body as too large: the first, and the smallest that is tried. */
const FIRST_CHUNK = 16 * 1024 * 1024;
const LEAST_CHUNK = 64 * 1024;

/** Sends the blob, or has the registry mount it. Temporary failures continue the upload, at most `policy.retries` times. */
export async function uploadBlob(upload: Upload, call: Call): Promise<'mounted' | 'uploaded'> {
  const { blob, options, session } = upload;
  const started = await session.start(blob, options.mountFrom, call);
  if (started === 'mounted') return started;
  const state: State = { open: started, chunk: undefined };
  for (let failures = 1; ; failures++) {
    try {
      await sendRest(upload, state, call);
      return 'uploaded';
    } catch (error) {
      throwIfCancelled(call.signal);
      const isWhole = await prepareRetry(upload, { state, error, failures }, call);
      const resumed = isWhole ? undefined : await session.resume(state.open, blob, call);
      state.open = resumed ?? (await session.restart(blob, call));
    }
  }
}

interface Failure {
  readonly state: State;
  readonly error: unknown;
  readonly failures: number;
}

/** Waits, or chooses a smaller chunk. Returns true if all bytes must be sent again. Throws the error if no retry can help. */
async function prepareRetry(
  { blob, policy }: Upload,
  { state, error, failures }: Failure,
  call: Call,
): Promise<boolean> {
  const smaller = chooseChunk(error, state.chunk ?? blob.size, state.open.leastChunk);
  if (smaller !== undefined) {
    call.log?.debug('registry', 'body refused as too large', { blob: blob.digest, chunk: smaller });
    state.chunk = smaller;
    return false;
  }
  if (failures <= policy.retries) {
    if (isRefusedDigest(error) || isLost(error)) return true;
    if (statusOf(error) === 416) return false;
  }
  await waitAfter(error, { failures, policy }, call);
  return false;
}

async function sendRest({ blob, options, session }: Upload, state: State, call: Call): Promise<void> {
  const isWhole = state.open.offset === 0 && state.chunk === undefined;
  while (!isWhole && state.open.offset < blob.size) {
    const end = Math.min(blob.size, state.open.offset + (state.chunk ?? blob.size));
    state.open = await session.sendChunk(state.open, { blob, options, end }, call);
  }
  await session.finish(state.open, { blob, options, isWhole }, call);
}

/** A smaller chunk after a refusal of `before` bytes; undefined if the error is another one or no smaller chunk is left. */
function chooseChunk(error: unknown, before: number, least: number): number | undefined {
  if (statusOf(error) !== 413) return undefined;
  const next = Math.max(Math.min(FIRST_CHUNK, Math.ceil(before / 2)), least, LEAST_CHUNK);
  return next < before ? next : undefined;
}

/** The bytes that were sent had the right digest, so they were changed on the way, or are not those that the registry counted. */
function isRefusedDigest(error: unknown): boolean {
  return isMkimageError(error, 'registry') && (error.evidence?.faults ?? []).includes('DIGEST_INVALID');
}

/** The registry does not know the upload any more. */
function isLost(error: unknown): boolean {
  return statusOf(error) === 404;
}

function statusOf(error: unknown): number | undefined {
  const isAnswer = isMkimageError(error, 'registry') || isMkimageError(error, 'not-found');
  return isAnswer ? error.evidence?.status : undefined;
}
