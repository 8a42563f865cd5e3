import { type Owner, thisOwner } from './owner.ts';

/**
 * A name never used before that says who made the file: `<kind>-<owner>.<random>`. Chance only has to tell one process's
 * own files apart, and they are made exclusively.
 */
export function newName(kind: string): string {
  return `${kind}-${thisOwner()}.${Math.random().toString(36).slice(2)}`;
}

/** The owner in a name made by `newName`, or undefined if it is of another kind. */
export function ownerInName(kind: string, name: string): Owner | undefined {
  const start = `${kind}-`;
  return name.startsWith(start) ? name.slice(start.length, name.lastIndexOf('.')) : undefined;
}
