import type { BuildRequest } from '../../../api/index.ts';
import { MkimageError } from '../../../errors.ts';
import type { BuildInputs } from './build-inputs.ts';

/** A policy restricts the sources of a build. Ignoring it would violate it, so the build is refused. */
export function refusePolicy({ policy }: BuildInputs['file'], { skipsPolicy }: BuildRequest): void {
  if (policy === undefined || skipsPolicy) return;
  throw new MkimageError('unsupported', `read policy \`${policy}\`: policies for sources are not supported`, {
    hint: 'to build without it, use `--policy disabled=true`',
  });
}
