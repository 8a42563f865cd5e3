/** An inline cache: records in the config of an image, whose layers are those of the image. */
import type { Digest, Layer } from '../../oci/index.ts';
import { isObject, readRecord } from '../record.ts';
import { encodeDocument, type SharedDocument, type SharedRecord } from './document.ts';

/** The member of an image config. */
export const INLINE_MEMBER = 'mkimage.cache.v1';

export interface InlineImage {
  /** The value of the member, of unknown shape. */
  readonly records: unknown;
  readonly layers: readonly Layer[];
}

/** The value of the member for the records of an image. */
export function createInlineRecords(records: readonly SharedRecord[]): unknown {
  return records.map(({ keys, record, place }) => ({ keys, record, place }));
}

/** Returns undefined if no image has records. */
export function composeInlineDocument(images: readonly InlineImage[]): Uint8Array | undefined {
  if (images.length === 0) return undefined;
  const forms = new Map(images.flatMap(({ layers, records }) => listForms(layers, findSizes(records))));
  const records = images.flatMap((image) => listOf(image.records)) as SharedDocument['records'];
  return encodeDocument({ records, forms, listings: new Map(), mounts: [] });
}

type Form = readonly [Digest, { blob: Layer['blob']; recipe: string; size: number }];

function listForms(layers: readonly Layer[], sizes: ReadonlyMap<Digest, number>): readonly Form[] {
  return layers.flatMap(({ diffId, blob }) => {
    const size = sizes.get(diffId);
    return size === undefined ? [] : [[diffId, { blob, recipe: 'foreign', size }] as const];
  });
}

/** The sizes of the uncompressed layers, which only the records know. */
function findSizes(records: unknown): ReadonlyMap<Digest, number> {
  const layers = listOf(records).flatMap((each) => (isObject(each) ? (readRecord(each.record)?.layer ?? []) : []));
  return new Map(layers.map(({ diffId, blob }) => [diffId, blob.size]));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
