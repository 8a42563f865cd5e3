import type { IndexColumns, LayerIndex } from './layer-index.ts';

/** Returns true if two listings differ only in times. Does not compare the content of files. */
export function sameListingButTimes(one: LayerIndex, other: LayerIndex): boolean {
  return one.size === other.size && describeColumns(one.columns) === describeColumns(other.columns);
}

function describeColumns(columns: IndexColumns): string {
  const { format: _format, diffId: _diffId, size: _size, mtimes: _mtimes, ...rest } = columns;
  return JSON.stringify(rest);
}
