import { readFileSync } from 'node:fs';

/** Ids that a user may use in a user namespace. */
export interface IdRange {
  readonly start: number;
  readonly count: number;
}

export interface User {
  readonly name: string | undefined;
  readonly id: number;
}

/** Returns the ranges of a user in `/etc/subuid` or `/etc/subgid` (subuid(5)). A user is named by name or number. */
export function readSubordinateIds(file: string, { name, id }: User): readonly IdRange[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [owner, start, count] = line.split(':');
    if (owner !== name && owner !== String(id)) return [];
    const range = { start: Number(start), count: Number(count) };
    return Number.isSafeInteger(range.start) && range.count > 0 ? [range] : [];
  });
}

/** The arguments of newuidmap(1): the user is root inside, and the ranges follow as 1, 2, 3 and so on. */
export function mapArguments(own: number, ranges: readonly IdRange[]): readonly string[] {
  let inside = 1;
  const lines = ranges.map(({ start, count }) => {
    const line = [inside, start, count];
    inside += count;
    return line;
  });
  return [[0, own, 1], ...lines].flat().map(String);
}
