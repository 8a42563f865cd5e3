/** Resource limits of a process (`setrlimit(2)`). */
import { MkimageError } from '../errors.ts';

/** One limit; -1 is none. */
export interface Ulimit {
  /** As Docker writes it: `nofile`. */
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** Bytes of /dev/shm where nothing else is asked for. */
export const DEFAULT_SHM_SIZE = 64 * 1024 * 1024;

const NAMES: readonly string[] = [
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

/** `nofile=1024` or `nofile=1024:2048`; -1 is no limit. Throws `usage`. */
export function parseUlimit(text: string): Ulimit {
  const match = /^([a-z]+)=(-1|\d+)(?::(-1|\d+))?$/.exec(text);
  if (!match?.[1]) {
    throw faulty(text, 'not understood', 'write name=soft:hard, for instance nofile=1024:2048');
  }
  const [, name, soft, hard = soft] = match;
  if (!NAMES.includes(name)) throw faulty(text, `there is no limit \`${name}\``, `there are ${NAMES.join(', ')}`);
  const limit = { name, soft: Number(soft), hard: Number(hard) };
  if (isAbove(limit.soft, limit.hard)) {
    throw faulty(
      text,
      'the soft limit is above the hard one',
      'write name=soft:hard, with soft at most as high as hard',
    );
  }
  return limit;
}

function isAbove(soft: number, hard: number): boolean {
  return hard !== -1 && (soft === -1 || soft > hard);
}

function faulty(text: string, why: string, hint: string): MkimageError {
  return new MkimageError('usage', `set ulimit \`${text}\`: ${why}`, { hint });
}
