import { HttpFailure } from './failure.ts';

/** The highest version of the Engine API that this daemon speaks; every client of it keeps to the old shapes. */
export const HIGHEST = 47;
export const LOWEST = 24;
/** skopeo asks in this version, without looking at what is announced. */
const ACCEPTED = 22;

export const formatVersion = (minor: number): string => `1.${minor}`;

export interface VersionedPath {
  /** 47 is version 1.47. */
  readonly minor: number;
  readonly segments: readonly string[];
}

/** Takes the version from the front of a path. Throws 400 for one that is not spoken, or a path that cannot be decoded. */
export function readPath(path: string): VersionedPath {
  const segments = path.split('/').slice(1).map(decodeSegment);
  const version = /^v1\.(\d{1,4})$/.exec(segments[0] ?? '');
  if (version === null) return { minor: HIGHEST, segments };
  const minor = Number(version[1]);
  if (minor > HIGHEST) {
    const text = `client version ${formatVersion(minor)} is too new. Maximum supported API version is ${formatVersion(HIGHEST)}`;
    throw new HttpFailure(400, text);
  }
  if (minor < ACCEPTED) {
    const text = `client version ${formatVersion(minor)} is too old. Minimum supported API version is ${formatVersion(LOWEST)}, please upgrade your client to a newer version`;
    throw new HttpFailure(400, text);
  }
  return { minor, segments: segments.slice(1) };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpFailure(400, 'invalid path');
  }
}
