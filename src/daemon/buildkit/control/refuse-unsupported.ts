import { MkimageError } from '../../../errors.ts';
import type { SolveRequest } from './build-messages.ts';

/** Refuses what would be a lie to ignore. Throws `unsupported`. */
export function refuseUnsupported({ sourcePolicy, policySession, definition }: SolveRequest): void {
  if (sourcePolicy.length > 0 || policySession !== '')
    throw new MkimageError('unsupported', 'build: policies for sources are not supported', {
      hint: 'to build without it, use `--policy disabled=true`',
    });
  if ((definition?.operations.length ?? 0) > 0)
    throw new MkimageError('unsupported', 'build: definitions in LLB are not supported', {
      hint: 'build from a Dockerfile, with `--frontend dockerfile.v0`',
    });
}

/** Throws `unsupported` for a frontend other than that of Dockerfiles. */
export function checkFrontend(frontend: string, source: string | undefined): void {
  if (frontend === 'dockerfile.v0') return;
  const image = (source ?? '').split('@')[0]!.split(':')[0]!;
  const isDockerfile = ['docker/dockerfile', 'docker/dockerfile-upstream'].some(
    (name) => image === name || image === `docker.io/${name}`,
  );
  if (frontend === 'gateway.v0' && isDockerfile) return;
  const name = frontend === 'gateway.v0' ? `\`${source}\`` : `\`${frontend}\``;
  throw new MkimageError('unsupported', `build: frontend ${name} is not supported`, { hint: 'use `dockerfile.v0`' });
}
