import type { DeviceRequest, RestartPolicy } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';

/** Reads `--device HOST[:CONTAINER[:PERMISSIONS]]`. Throws `usage`. */
export function readDevice(text: string): DeviceRequest {
  const [host = '', second, third] = text.split(':');
  const isMode = (part: string | undefined) => part !== undefined && /^[rwm]{1,3}$/.test(part);
  const path = second === undefined || (third === undefined && isMode(second)) ? host : second;
  const permissions = third ?? (isMode(second) ? second : undefined) ?? 'rwm';
  if (!host.startsWith('/') || !path.startsWith('/') || !isMode(permissions))
    throw new MkimageError('usage', `bad format for path: ${text}`);
  return { PathOnHost: host, PathInContainer: path, CgroupPermissions: permissions };
}

/** Reads `--restart no|always|unless-stopped|on-failure[:N]`. Throws `usage`. */
export function readRestartPolicy(text: string): RestartPolicy {
  const [, name = '', count] =
    /^(no|always|unless-stopped|on-failure)(?::(\d+))?$/.exec(text === '' ? 'no' : text) ?? [];
  if (name === '')
    throw new MkimageError(
      'usage',
      `invalid restart policy: unknown policy '${text}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  if (count !== undefined && name !== 'on-failure') {
    throw new MkimageError('usage', "invalid restart policy: maximum retry count can only be used with 'on-failure'");
  }
  return { Name: name as RestartPolicy['Name'], MaximumRetryCount: Number(count ?? 0) };
}

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Reads a duration of Go (`1m30s`) to nanoseconds. Throws `usage`. */
export function readGoDuration(text: string): number {
  if (text === '0') return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|ms|s|m|h))+$/.test(text))
    throw new MkimageError('usage', `time: invalid duration "${text}"`);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/gy)];
  return Math.trunc(parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0));
}
