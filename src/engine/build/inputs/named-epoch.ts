/**
 * SOURCE_DATE_EPOCH with the name of a source instead of a number: a commit, an archive or a file from the web gives
 * the time.
 */

import type { BuildRequest } from '../../../api/index.ts';
import type { BuildFile } from '../../../instructions/index.ts';
import { type EpochSource, findEpochSource, type PlanRequest } from '../../../plan/index.ts';
import type { EngineCall } from '../../call.ts';
import type { Services } from '../../services.ts';
import type { BuildInputs } from './build-inputs.ts';

interface EpochInputs {
  readonly request: BuildRequest;
  readonly circumstances: PlanRequest;
  readonly file: BuildFile;
  readonly inputs: BuildInputs;
}

/** Returns the circumstances with the time of the named source. Throws the errors of fetching it. */
export async function addNamedEpoch(
  services: Services,
  { request, circumstances, file, inputs }: EpochInputs,
  call: EngineCall,
): Promise<PlanRequest> {
  const source = findEpochSource(file, circumstances);
  if (source === undefined) return circumstances;
  return { ...circumstances, namedEpoch: await readSourceTime(services, { source, request, inputs }, call) };
}

async function readSourceTime(
  services: Services,
  { source, request, inputs }: Pick<EpochInputs, 'request' | 'inputs'> & { readonly source: EpochSource },
  call: EngineCall,
): Promise<number | undefined> {
  switch (source.kind) {
    case 'timeless':
      return undefined;
    case 'context':
      return isFetched(source.context, request) ? (await inputs.openContext(source.context)).time : undefined;
    case 'git': {
      const { keepGitDir, checksum } = source;
      await using checkout = await services.contexts.git(source.url, { keepGitDir, checksum }, call);
      return checkout.modified;
    }
    case 'http':
      return fetchWebTime(source, services, call);
    default:
      return source satisfies never;
  }
}

/** A directory has no time of its own, and the time of an image is not used. */
function isFetched(context: string, request: BuildRequest): boolean {
  const input = context === '' ? request.context : request.namedContexts[context];
  return input !== undefined && input.kind !== 'directory' && input.kind !== 'image' && input.kind !== 'oci-layout';
}

/** Returns the server's modification time; for an archive without one, the time of its newest file. */
async function fetchWebTime(
  { url, checksum }: EpochSource & { readonly kind: 'http' },
  { contexts }: Services,
  call: EngineCall,
): Promise<number | undefined> {
  await using file = await contexts.http(url, checksum, call);
  if (file.modified !== undefined && file.modified > 0) return file.modified;
  const fetched = await contexts.fetch({ kind: 'http', url }, { keepGitDir: false }, call);
  if (fetched.kind !== 'context') return undefined;
  await using context = fetched.context;
  return context.time;
}
