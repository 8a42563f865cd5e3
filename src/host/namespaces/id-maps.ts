import { readFileSync } from 'node:fs';
import { thisUser } from '../owners/this-process.ts';

/** A line of `/proc/self/uid_map` or `gid_map` (user_namespaces(7)). */
export interface MappedIds {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

const ALL = 4294967295;

export function parseIdMap(text: string): readonly MappedIds[] {
  return text.split('\n').flatMap((line) => {
    const [inside, outside, count] = line.trim().split(/\s+/).map(Number);
    return count === undefined ? [] : [{ inside: inside!, outside: outside!, count }];
  });
}

function readIdMap(kind: 'uid' | 'gid'): readonly MappedIds[] {
  return parseIdMap(readFileSync(`/proc/self/${kind}_map`, 'latin1'));
}

/** The user of this process, and all users that exist for it: a name for what this process may do. */
export function describeUser(): string {
  const ids = readIdMap('uid').map(({ inside, outside, count }) => `${inside}:${outside}:${count}`);
  return [thisUser().uid, ...ids].join(',');
}

/** Returns true if some ids of the machine do not exist for this process. */
export function isInUserNamespace(): boolean {
  return !readIdMap('uid').some(({ inside, outside, count }) => inside === 0 && outside === 0 && count === ALL);
}

/** Returns true if a file can be given to this user or group. */
export function isMappedId(kind: 'uid' | 'gid', id: number): boolean {
  return isIn(readIdMap(kind), id);
}

/** Returns true if only one user exists for this process: its own. */
export function hasSingleId(): boolean {
  return !isMappedId('uid', 1);
}

export function isIn(map: readonly MappedIds[], id: number): boolean {
  return map.some(({ inside, count }) => id >= inside && id < inside + count);
}
