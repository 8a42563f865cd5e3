import type { FileType } from '../content/index.ts';
import type { TarHeader } from '../tar/index.ts';
import type { IndexColumns } from './layer-index.ts';

/** A directory without an entry in the tar, but with entries below it. */
export const IMPLIED: TarHeader = { path: '', type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };

type Attributes = IndexColumns['attributes'][number];

/** Columns that have a value for every row. */
type DenseColumns = Pick<IndexColumns, 'attributes' | 'attribute' | 'sizes' | 'mtimes' | 'offsets' | 'crcs'>;

/**
 * The rows of a listing that is being built, stored in columns as on disk. A layer can have a hundred thousand files, and an object for
 * each of them would need too much memory. A replaced row stays here and is omitted at the end.
 */
export class IndexRows {
  readonly #attributes: Attributes[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #attribute: number[] = [];
  readonly #sizes: number[] = [];
  readonly #mtimes: number[] = [];
  readonly #offsets: number[] = [];
  readonly #crcs: number[] = [];
  /** Entries with rare values: targets of links, devices, extended attributes. */
  readonly #special = new Map<number, TarHeader>();
  #last: TarHeader | undefined;

  /** Adds an entry whose data begins at `offset`; returns the number of its row. */
  add(entry: TarHeader, offset: number): number {
    const row = this.#attribute.length;
    const number =
      this.#last !== undefined && sameAttributes(this.#last, entry) ? this.#attribute[row - 1]! : this.#numberOf(entry);
    this.#last = entry;
    this.#attribute.push(number);
    this.#sizes.push(entry.size);
    this.#mtimes.push(entry.mtime);
    this.#offsets.push(entry.type === 'file' ? offset : 0);
    this.#crcs.push(0);
    if (entry.type !== 'file' && entry.type !== 'directory') this.#special.set(row, entry);
    else if (entry.xattrs !== undefined) this.#special.set(row, entry);
    return row;
  }

  /** The crc32 of a file's data so far. */
  crc(row: number): number {
    return this.#crcs[row]!;
  }

  setCrc(row: number, crc: number): void {
    this.#crcs[row] = crc;
  }

  isDirectory(row: number): boolean {
    return this.typeOf(row) === 'directory';
  }

  typeOf(row: number): TarHeader['type'] {
    const [type] = this.#attributes[this.#attribute[row]!]!;
    if (type === 'implied') return 'directory';
    return type === 'file' && this.#special.get(row)?.type === 'hardlink' ? 'hardlink' : type;
  }

  /** Returns the target of a link, unchanged. */
  linkname(row: number): string {
    return this.#special.get(row)?.linkname ?? '';
  }

  /** The columns of these rows, in this order. */
  columns(rows: readonly number[]): DenseColumns {
    const isAll = rows.length === this.#attribute.length && rows.every((row, index) => row === index);
    const pick = (column: readonly number[]) => (isAll ? column : rows.map((row) => column[row]!));
    return {
      attributes: this.#attributes,
      attribute: pick(this.#attribute),
      sizes: pick(this.#sizes),
      mtimes: pick(this.#mtimes),
      offsets: pick(this.#offsets),
      crcs: pick(this.#crcs),
    };
  }

  /** Yields those of the given rows that have rare values, with their index in `rows`. */
  *special(rows: readonly number[]): Iterable<readonly [index: number, entry: TarHeader]> {
    if (this.#special.size === 0) return;
    for (const [index, row] of rows.entries()) {
      const entry = this.#special.get(row);
      if (entry !== undefined) yield [index, entry];
    }
  }

  #numberOf(entry: TarHeader): number {
    const type = typeOf(entry);
    const key = `${type} ${entry.mode} ${entry.uid} ${entry.gid}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#attributes.length);
    return this.#attributes.push([type, entry.mode, entry.uid, entry.gid]) - 1;
  }
}

function sameAttributes(a: TarHeader, b: TarHeader): boolean {
  const sameType = a.type === b.type && (a === IMPLIED) === (b === IMPLIED);
  return sameType && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

/** A hard link is listed with the attributes of its target, its own attributes are ignored. */
function typeOf(entry: TarHeader): FileType | 'implied' {
  if (entry === IMPLIED) return 'implied';
  return entry.type === 'hardlink' ? 'file' : entry.type;
}
