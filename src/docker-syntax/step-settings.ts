import { isIP } from 'node:net';
import type { Entitlement, ExtraHost, Ulimit } from '../api/index.ts';
import { MkimageError } from '../errors.ts';
import { didYouMean, parseSize } from '../notation/index.ts';

/** `--add-host NAME:IP`, also with `=`, or an address in brackets. */
export function readExtraHost(value: string): ExtraHost {
  const [, name = '', address = ''] = /^([^:=]+)[:=](.+)$/.exec(value) ?? [];
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  if (bare === 'host-gateway' || isIP(bare) !== 0) return { name, address: bare };
  throw new MkimageError('usage', `read \`--add-host ${value}\`: not of the form NAME:IP`, {
    hint: 'e.g. `--add-host db:10.0.0.7`',
  });
}

const ENTITLEMENTS = ['network.host', 'security.insecure'] as const;
/** Of BuildKit and buildx; they speak of what is always allowed here, or never. */
const WITHOUT_EFFECT = /^(?:device|fs(?:\.read|\.write)?|buildx\.local\.delete)(?:=|$)/;

/** `--allow ENTITLEMENT`; undefined: one that is known and changes nothing. */
export function readEntitlement(value: string): Entitlement | undefined {
  const known = ENTITLEMENTS.find((each) => each === value);
  if (known !== undefined || WITHOUT_EFFECT.test(value)) return known;
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

const LIMITS: readonly string[] = [
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
];

/** `--ulimit nofile=1024[:2048]`. */
export function readUlimit(value: string): Ulimit {
  const [, name = '', soft, hard = soft] = /^([a-z]+)=(-1|\d+)(?::(-1|\d+))?$/.exec(value) ?? [];
  if (soft === undefined) throw badUlimit(value, 'not of the form NAME=SOFT[:HARD]');
  if (!LIMITS.includes(name)) {
    throw badUlimit(value, `there is no limit \`${name}\``, didYouMean(name, LIMITS, `there are ${LIMITS.join(', ')}`));
  }
  const limit = { name, soft: Number(soft), hard: Number(hard) };
  if (limit.hard === -1 || (limit.soft !== -1 && limit.soft <= limit.hard)) return limit;
  throw badUlimit(value, 'the soft limit is above the hard one');
}

function badUlimit(value: string, problem: string, hint = 'e.g. `--ulimit nofile=1024:2048`'): MkimageError {
  return new MkimageError('usage', `read \`--ulimit ${value}\`: ${problem}`, { hint });
}
