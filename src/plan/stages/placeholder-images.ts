import type { ResolvedImage } from '../../oci/index.ts';
import type { BaseAnswer } from '../request.ts';

/** The answers, with an empty image in place of each base that is not available. */
export function withPlaceholderImages(bases: ReadonlyMap<string, BaseAnswer>): ReadonlyMap<string, BaseAnswer> {
  const failed = [...bases].filter(([, answer]) => answer.kind === 'failure');
  return new Map([...bases, ...failed.map(([key]) => [key, createPlaceholderImage(key)] as const)]);
}

/** `key` is `reference platform`, from `createBaseKey`. */
function createPlaceholderImage(key: string): BaseAnswer {
  const [reference = '', platform = ''] = key.split(' ');
  const [os = 'linux', architecture = '', variant] = platform.split('/');
  const image: ResolvedImage = {
    reference,
    manifest: { mediaType: '', digest: `sha256:${'0'.repeat(64)}`, size: 0 },
    config: {
      os,
      architecture,
      ...(variant === undefined ? {} : { variant }),
      config: {},
      rootfs: { type: 'layers', diff_ids: [] },
      history: [],
    },
    layers: [],
  };
  return { kind: 'image', image };
}
