import type { HistoryEntry } from '../../oci/index.ts';

const COMMENT = 'buildkit.dockerfile.v0';

/** The history entry of an instruction that changes only the config. */
export function createConfigHistory(createdBy: string): HistoryEntry {
  return { created_by: createdBy, comment: COMMENT, empty_layer: true };
}

/** The history entry of an instruction that creates a layer. */
export function createLayerHistory(createdBy: string): HistoryEntry {
  return { created_by: createdBy, comment: COMMENT };
}
