import type { IndexColumns, LayerIndex } from './layer-index.ts';

/** True if two layers put, hide and link the same, however old; what is in the files is another matter. */
export function sameListingButTimes(one: LayerIndex, other: LayerIndex): boolean {
  return one.size === other.size && described(one.columns) === described(other.columns);
}

function described(columns: IndexColumns): string {
  const { format: _format, diffId: _diffId, size: _size, mtimes: _mtimes, ...rest } = columns;
  return JSON.stringify(rest);
}
