import { type Owner, thisOwner } from './owner.ts';

/**
 * Creates a unique name that contains the owner of the file: `<kind>-<owner>.<random>`. The random part only distinguishes the files
 * of one process, which are created exclusively.
 */
export function createOwnedName(kind: string): string {
  return `${kind}-${thisOwner()}.${Math.random().toString(36).slice(2)}`;
}

/** Returns the owner in a name of `createOwnedName`, or undefined if the name has another kind. */
export function parseOwner(kind: string, name: string): Owner | undefined {
  const start = `${kind}-`;
  return name.startsWith(start) ? name.slice(start.length, name.lastIndexOf('.')) : undefined;
}
