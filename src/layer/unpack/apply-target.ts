import { isRoot, recordsAttributes, type Stack } from '../../host/index.ts';

export interface ApplyTarget {
  /** Must exist. Its attributes are not changed, even if the archive has an entry for its root. */
  readonly directory: string;
  /** How a whiteout is applied: as a mark of overlayfs, or by deleting the hidden object. */
  readonly whiteouts: 'overlay' | 'delete';
  /** The lower directories, topmost first. Parents without an entry in the layer get their attributes from there. */
  readonly below?: Stack;
  /** Sets the owners of files. Default: true for root. */
  readonly ownership?: boolean;
}

/** What happens with the owners of files: `recorded` keeps them in an attribute, with everything else that needs privileges. */
export type Owners = 'set' | 'recorded' | 'ignored';

export function ownersOf({ ownership }: Pick<ApplyTarget, 'ownership'>): Owners {
  if (ownership !== undefined) return ownership ? 'set' : 'ignored';
  if (recordsAttributes()) return 'recorded';
  return isRoot() ? 'set' : 'ignored';
}
