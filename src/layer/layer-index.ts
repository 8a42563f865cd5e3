/**
 * The listing of one layer: the objects that it adds, the paths that it hides, and the offsets of data in the uncompressed tar. On disk
 * it is one JSON object of columns with a checksum (`trees-v1/<2 hex>/<hex>`). Columns parse several times faster than an object for
 * each entry. An entry object is only created when it is requested.
 */
import type { FileEntry, FileType, TreePath } from '../content/index.ts';
import { type Digest, openSealedJson, sealJsonInPieces } from '../oci/index.ts';

/** Increase this number when the meaning of the columns changes. Then old files are ignored and created again. */
export const INDEX_FORMAT = 2;

/** Separates two paths. It never occurs in a clean path. */
const BETWEEN = '//';

/** [type, mode, uid, gid]; the type `implied` is a directory without an entry in the tar, but with entries below it. */
type Attributes = readonly [type: FileType | 'implied', mode: number, uid: number, gid: number];

/** A row is one object; columns of the same length, and sparse columns by row number. */
export interface IndexColumns {
  readonly format: typeof INDEX_FORMAT;
  readonly diffId: Digest;
  /** Bytes of the uncompressed tar. */
  readonly size: number;
  readonly rows: number;
  readonly paths: string;
  /** The distinct attributes; `attribute` has the index of each row's attributes. */
  readonly attributes: readonly Attributes[];
  readonly attribute: readonly number[];
  readonly sizes: readonly number[];
  readonly mtimes: readonly number[];
  /** Where a file's data begins in the uncompressed tar. */
  readonly offsets: readonly number[];
  /** The crc32 of a file's data; 0 for objects without data. */
  readonly crcs: readonly number[];
  readonly linknames: Readonly<Record<string, string>>;
  /** Second and later names of a file: the path of the first. */
  readonly hardlinks: Readonly<Record<string, TreePath>>;
  readonly devices: Readonly<Record<string, readonly [major: number, minor: number]>>;
  readonly xattrs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly whiteouts: readonly TreePath[];
  readonly opaques: readonly TreePath[];
  /** Content (base64) of small files that are often read. */
  readonly inline: Readonly<Record<TreePath, string>>;
}

/** An object of a layer. For a file, `offset` is the start of its data in the uncompressed tar. */
export interface LayerEntry extends FileEntry {
  readonly offset?: number;
  /** The crc32 of its data. */
  readonly crc?: number;
}

/** The listing of one layer, without the layers below it. */
export interface LayerIndex {
  readonly diffId: Digest;
  /** Bytes of the uncompressed tar. */
  readonly size: number;
  /** Number of objects that the layer adds, without implied directories. */
  readonly count: number;
  /** The object that the layer adds at a path; `implied`: a directory without an entry of its own. */
  entry(path: TreePath): LayerEntry | 'implied' | undefined;
  /** For a hard link to a file of a layer below: the path it links to. */
  outsideLink(path: TreePath): TreePath | undefined;
  entries(): Iterable<LayerEntry>;
  /** Paths of the objects that the layer adds (or implies) in a directory, unsorted. */
  children(directory: TreePath): readonly TreePath[];
  readonly whiteouts: ReadonlySet<TreePath>;
  readonly opaques: ReadonlySet<TreePath>;
  /** A file's content if it is stored in the listing. */
  inline(path: TreePath): Uint8Array | undefined;
  readonly columns: IndexColumns;
}

/** The listing behind columns that were parsed or built. */
export function layerIndexOf(columns: IndexColumns): LayerIndex {
  const { paths, rowAt, isImplied, entryAt } = rowsOf(columns);
  let childrenOf: Map<TreePath, TreePath[]> | undefined;
  return {
    columns,
    diffId: columns.diffId,
    size: columns.size,
    get count() {
      return paths().reduce((count, _, row) => (isImplied(row) ? count : count + 1), 0);
    },
    entry(path) {
      const row = rowAt(path);
      if (row === undefined) return undefined;
      return isImplied(row) ? 'implied' : entryAt(row);
    },
    outsideLink(path) {
      const target = columns.hardlinks[rowAt(path) ?? -1];
      return target === undefined || rowAt(target) !== undefined ? undefined : target;
    },
    *entries() {
      for (let row = 0; row < columns.rows; row++) if (!isImplied(row)) yield entryAt(row);
    },
    children(directory) {
      childrenOf ??= groupByParent(paths());
      return childrenOf.get(directory) ?? [];
    },
    whiteouts: new Set(columns.whiteouts),
    opaques: new Set(columns.opaques),
    inline(path) {
      return Object.hasOwn(columns.inline, path) ? Buffer.from(columns.inline[path]!, 'base64') : undefined;
    },
  };
}

interface Rows {
  paths(): readonly TreePath[];
  rowAt(path: TreePath): number | undefined;
  isImplied(row: number): boolean;
  entryAt(row: number): LayerEntry;
}

/** Access by row and by path. Nothing is taken apart before it is asked for. */
function rowsOf(columns: IndexColumns): Rows {
  let taken: readonly TreePath[] | undefined;
  let rows: Map<TreePath, number> | undefined;
  const paths = (): readonly TreePath[] => {
    taken ??= columns.rows === 0 ? [] : columns.paths.split(BETWEEN);
    return taken;
  };
  const rowAt = (path: TreePath): number | undefined => {
    rows ??= new Map(paths().map((path, row) => [path, row]));
    return rows.get(path);
  };
  const linked = new Set(Object.values(columns.hardlinks));
  return {
    paths,
    rowAt,
    isImplied: (row) => columns.attributes[columns.attribute[row]!]![0] === 'implied',
    entryAt(row) {
      const path = paths()[row]!;
      const target = columns.hardlinks[row];
      const source = target === undefined ? undefined : rowAt(target);
      const entry = entryOf(columns, source ?? row, path);
      if (target === undefined && !linked.has(path)) return entry;
      return { ...entry, inode: `${columns.diffId}/${target ?? path}` };
    },
  };
}

function entryOf(columns: IndexColumns, row: number, path: TreePath): LayerEntry {
  const [kind, mode, uid, gid] = columns.attributes[columns.attribute[row]!]!;
  const type = kind === 'implied' ? 'directory' : kind;
  const linkname = columns.linknames[row];
  const device = columns.devices[row];
  const xattrs = columns.xattrs[row];
  return {
    path,
    type,
    mode,
    uid,
    gid,
    size: columns.sizes[row]!,
    mtime: columns.mtimes[row]!,
    ...(type === 'file' ? { offset: columns.offsets[row]!, crc: columns.crcs[row]! } : {}),
    ...(linkname === undefined ? {} : { linkname }),
    ...(device === undefined ? {} : { device: { major: device[0], minor: device[1] } }),
    ...(xattrs === undefined ? {} : { xattrs }),
  };
}

function groupByParent(paths: readonly TreePath[]): Map<TreePath, TreePath[]> {
  const groups = new Map<TreePath, TreePath[]>();
  for (const path of paths) {
    if (path === '') continue;
    const slash = path.lastIndexOf('/');
    const parent = slash < 0 ? '' : path.slice(0, slash);
    const group = groups.get(parent);
    if (group === undefined) groups.set(parent, [path]);
    else group.push(path);
  }
  return groups;
}

/** The paths of all rows as one text. */
export function joinPaths(paths: readonly TreePath[]): string {
  return paths.join(BETWEEN);
}

/** The text of a listing on disk, in pieces. */
export function formatIndex(index: LayerIndex): Iterable<string> {
  return sealJsonInPieces(index.columns);
}

/** Parses a listing; undefined if the text is incomplete or changed, of another format or of another layer. */
export function parseIndex(text: string, diffId: Digest): LayerIndex | undefined {
  try {
    const columns = openSealedJson(text) as IndexColumns | undefined;
    if (columns?.format !== INDEX_FORMAT || columns.diffId !== diffId) return undefined;
    return layerIndexOf(columns);
  } catch {
    return undefined;
  }
}

/** Returns true if a text is the unchanged listing of this layer. */
export function isListing(text: string, diffId: Digest): boolean {
  return parseIndex(text, diffId) !== undefined;
}
