import type { BuildInputs } from './build-inputs.ts';
import type { BuildRequest } from './build-request.ts';

const NAME = 'SOURCE_DATE_EPOCH';

/**
 * `--build-arg SOURCE_DATE_EPOCH=context` becomes the time of the main context: of a commit, of an archive. A directory has
 * none, and then it is as if nothing was said.
 */
export async function withContextEpoch(request: BuildRequest, inputs: BuildInputs): Promise<BuildRequest> {
  const { [NAME]: wanted, ...others } = request.buildArgs;
  if (wanted !== 'context') return request;
  const { time } = request.context.kind === 'directory' ? {} : await inputs.context('');
  return { ...request, buildArgs: time === undefined ? others : { ...others, [NAME]: String(time) } };
}
