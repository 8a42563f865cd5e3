import { isIP } from 'node:net';
import { MkimageError } from '../../errors.ts';
import { parseSize } from '../../notation/index.ts';
import { didYouMean } from '../suggest.ts';

/** `--add-host NAME:IP` (or `=`, or an address in brackets) as `NAME:IP`. */
export function readExtraHost(value: string): string {
  const [, name = '', address = ''] = /^([^:=]+)[:=](.+)$/.exec(value) ?? [];
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  if (bare === 'host-gateway' || isIP(bare) !== 0) return `${name}:${bare}`;
  throw new MkimageError('usage', `read \`--add-host ${value}\`: not of the form NAME:IP`, {
    hint: 'e.g. `--add-host db:10.0.0.7`',
  });
}

const ENTITLEMENTS = ['network.host', 'security.insecure'];
/** Of BuildKit and buildx; they speak of what is always allowed here, or never. */
const WITHOUT_EFFECT = /^(?:device|fs(?:\.read|\.write)?|buildx\.local\.delete)(?:=|$)/;

/** `--allow ENTITLEMENT`. */
export function readEntitlement(value: string): string {
  if (ENTITLEMENTS.includes(value) || WITHOUT_EFFECT.test(value)) return value;
  throw new MkimageError('usage', `read \`--allow ${value}\`: there is no such entitlement`, {
    hint: didYouMean(value, ENTITLEMENTS, 'there are network.host and security.insecure'),
  });
}

/** `--shm-size 128m` in bytes. */
export function readShmSize(value: string): number {
  const bytes = parseSize(value);
  if (bytes !== undefined && Number.isSafeInteger(bytes)) return bytes;
  throw new MkimageError('usage', `read \`--shm-size ${value}\`: not a size`, { hint: 'e.g. `--shm-size 128m`' });
}

/** `--ulimit nofile=1024[:2048]`, checked; handed on as it is. */
export function readUlimit(value: string): string {
  const [, soft, hard] = /^[a-z]+=(-1|\d+)(?::(-1|\d+))?$/.exec(value) ?? [];
  const problem =
    soft === undefined
      ? 'not of the form NAME=SOFT[:HARD]'
      : hard !== undefined && hard !== '-1' && (soft === '-1' || Number(soft) > Number(hard))
        ? 'the soft limit is above the hard one'
        : undefined;
  if (problem === undefined) return value;
  throw new MkimageError('usage', `read \`--ulimit ${value}\`: ${problem}`, {
    hint: 'e.g. `--ulimit nofile=1024:2048`',
  });
}
