/** The platforms of a build. */
import type { BuildRequest } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { parseBool } from '../../notation/index.ts';
import { completePlatform, formatPlatform, type Platform } from '../../oci/index.ts';

export interface TargetPlatforms {
  /** Each once, in the order of the index: by name, so that the order of the request makes no difference. */
  readonly platforms: readonly [Platform, ...Platform[]];
  /** The image is an index: it has several platforms, or BUILDKIT_MULTI_PLATFORM requests it. */
  readonly isIndex: boolean;
}

/** Completes the requested platforms. Throws `usage` for a value of BUILDKIT_MULTI_PLATFORM that is wrong or excludes several. */
export function findTargetPlatforms(
  { platforms: wanted, buildArgs }: Pick<BuildRequest, 'platforms' | 'buildArgs'>,
  host: Platform,
): TargetPlatforms {
  const [first = host, ...others] = wanted.map((platform) => completePlatform(platform, host));
  if (others.length === 0) return { platforms: [first], isIndex: readForced(buildArgs) ?? false };
  const distinct = new Map([first, ...others].map((platform) => [formatPlatform(platform), platform]));
  const sorted = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, platform]) => platform);
  const isForced = readForced(buildArgs);
  if (sorted.length > 1 && isForced === false) {
    throw new MkimageError('usage', 'build: BUILDKIT_MULTI_PLATFORM is false, but several platforms are requested', {
      hint: 'omit the build argument, or build for one platform',
    });
  }
  return { platforms: sorted as [Platform, ...Platform[]], isIndex: isForced ?? sorted.length > 1 };
}

function readForced({ BUILDKIT_MULTI_PLATFORM: text = '' }: BuildRequest['buildArgs']): boolean | undefined {
  if (text === '') return undefined;
  const value = parseBool(text);
  if (value !== undefined) return value;
  throw new MkimageError('usage', `build: BUILDKIT_MULTI_PLATFORM is \`${text}\`, neither true nor false`);
}

/** Refuses outputs that cannot contain an index, before the build. Throws `usage`. */
export function refuseIndexForDocker(outputs: BuildRequest['outputs'], { isIndex }: TargetPlatforms): void {
  if (!isIndex || !outputs.some(({ type }) => type === 'docker')) return;
  throw new MkimageError('usage', 'write outputs: `type=docker` cannot contain an image for several platforms', {
    hint: 'use `type=oci`, which docker load reads too, or build for one platform',
  });
}
