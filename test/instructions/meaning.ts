import type { BuildFile } from '../../src/instructions/index.ts';

/** What a file says: everything but where it stands and how it was written. */
export function meaningOf({ instructions }: BuildFile): unknown {
  const skipped = new Set(['range', 'source', 'comments', 'keyword']);
  return JSON.parse(JSON.stringify(instructions, (key, value: unknown) => (skipped.has(key) ? undefined : value)));
}
