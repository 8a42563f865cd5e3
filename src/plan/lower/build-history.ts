import type { HistoryEntry } from '../../oci/index.ts';

const COMMENT = 'buildkit.dockerfile.v0';

/** The history entry of an instruction that changes only the config. */
export function configHistory(createdBy: string): HistoryEntry {
  return { created_by: createdBy, comment: COMMENT, empty_layer: true };
}

/** The history entry of an instruction that makes a layer. */
export function layerHistory(createdBy: string): HistoryEntry {
  return { created_by: createdBy, comment: COMMENT };
}
