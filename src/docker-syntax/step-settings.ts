import { isIP } from 'node:net';
import type { Entitlement, ExtraHost, Ulimit } from '../api/index.ts';
import { MkimageError } from '../errors.ts';
import { createSuggestionHint, parseSize } from '../notation/index.ts';

/** Reads `--add-host NAME:IP` or `NAME=IP`. The address may be in brackets. Throws `usage`. */
export function readExtraHost(value: string): ExtraHost {
  const [, name = '', address = ''] = /^([^:=]+)[:=](.+)$/.exec(value) ?? [];
  const ip = address.replace(/^\[(.*)\]$/, '$1');
  if (ip === 'host-gateway' || isIP(ip) !== 0) return { name, address: ip };
  throw new MkimageError('usage', `read \`--add-host ${value}\`: expected NAME:IP`, {
    hint: 'e.g. `--add-host db:10.0.0.7`',
  });
}

const ENTITLEMENTS = ['network.host', 'security.insecure'] as const;
/** Entitlements of BuildKit and buildx that have no effect: mkimage always or never allows these actions. */
const IGNORED_ENTITLEMENT = /^(?:device|fs(?:\.read|\.write)?|buildx\.local\.delete)(?:=|$)/;

/** Reads `--allow ENTITLEMENT`. Returns undefined for a known one without effect. Throws `usage`. */
export function readEntitlement(value: string): Entitlement | undefined {
  const known = ENTITLEMENTS.find((each) => each === value);
  if (known !== undefined || IGNORED_ENTITLEMENT.test(value)) return known;
  throw new MkimageError('usage', `read \`--allow ${value}\`: unknown entitlement`, {
    hint: createSuggestionHint(value, ENTITLEMENTS, 'one of network.host, security.insecure'),
  });
}

/** Reads `--shm-size 128m` to bytes. Throws `usage`. */
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

/** Reads `--ulimit nofile=1024[:2048]`. Throws `usage`. */
export function readUlimit(value: string): Ulimit {
  const [, name = '', soft, hard = soft] = /^([a-z]+)=(-1|\d+)(?::(-1|\d+))?$/.exec(value) ?? [];
  if (soft === undefined) throw createUlimitError(value, 'expected NAME=SOFT[:HARD]');
  if (!LIMITS.includes(name)) {
    throw createUlimitError(
      value,
      `unknown limit \`${name}\``,
      createSuggestionHint(name, LIMITS, `one of ${LIMITS.join(', ')}`),
    );
  }
  const limit = { name, soft: Number(soft), hard: Number(hard) };
  if (limit.hard === -1 || (limit.soft !== -1 && limit.soft <= limit.hard)) return limit;
  throw createUlimitError(value, 'the soft limit is above the hard limit');
}

function createUlimitError(value: string, problem: string, hint = 'e.g. `--ulimit nofile=1024:2048`'): MkimageError {
  return new MkimageError('usage', `read \`--ulimit ${value}\`: ${problem}`, { hint });
}
