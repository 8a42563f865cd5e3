import type { ResolvedImage } from '../../oci/index.ts';
import type { BaseAnswer } from '../request.ts';

/** The answers, with an image that says nothing in the place of each that cannot be had. */
export function withStandIns(bases: ReadonlyMap<string, BaseAnswer>): ReadonlyMap<string, BaseAnswer> {
  const failed = [...bases].filter(([, answer]) => answer.kind === 'failure');
  return new Map([...bases, ...failed.map(([key]) => [key, standIn(key)] as const)]);
}

/** `key` is `reference platform`, as `baseKey` makes it. */
function standIn(key: string): BaseAnswer {
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
