import { splitCommas } from '../../docker-syntax/index.ts';
import { parseWantedPlatform, type WantedPlatform } from '../../oci/index.ts';

/** Reads `--platform` with one platform. Throws `usage`. */
export function readPlatformFlag(value: string | undefined): WantedPlatform | undefined {
  return value === undefined || value === '' ? undefined : parseWantedPlatform(value);
}

/** Reads `--platform` with several platforms: repeated, or separated by commas. Throws `usage`. */
export function readPlatformFlags(values: readonly string[]): readonly WantedPlatform[] {
  const parts = values.flatMap(splitCommas).map((value) => value.trim());
  return parts.filter((part) => part !== '').map(parseWantedPlatform);
}
