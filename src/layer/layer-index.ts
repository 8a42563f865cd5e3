/**
 * The listing of one layer's tar: what it puts, hides and where its data lies in the uncompressed tar. On disk it is one JSON
 * object of columns (`trees-v1/<2 hex>/<hex>`), sealed: a column parses several times faster than an object for every entry, and
 * an entry is only put together when someone asks for it.
 */
import type { FileEntry, FileType, TreePath } from '../content/index.ts';
import { type Digest, openSealedJson, sealJson } from '../oci/index.ts';

/** Says what reads these columns: raise it when their meaning changes, and old files are made anew. */
export const INDEX_FORMAT = 2;

/** Never part of a clean path, so it can stand between two. */
const BETWEEN = '//';

/** [type, mode, uid, gid]; type `implied` is a directory that the tar has no entry for, only something below it. */
type Attributes = readonly [type: FileType | 'implied', mode: number, uid: number, gid: number];

/** A row is one object; columns of the same length, and sparse columns by row number. */
export interface IndexColumns {
  readonly format: typeof INDEX_FORMAT;
  readonly diffId: Digest;
  /** Bytes of the uncompressed tar. */
  readonly size: number;
  readonly rows: number;
  readonly paths: string;
  /** The few combinations that occur, and which of them each row has. */
  readonly attributes: readonly Attributes[];
  readonly attribute: readonly number[];
  readonly sizes: readonly number[];
  readonly mtimes: readonly number[];
  /** Where a file's data begins in the uncompressed tar. */
  readonly offsets: readonly number[];
  /** The crc32 of a file's data; 0 for what has none. */
  readonly crcs: readonly number[];
  readonly linknames: Readonly<Record<string, string>>;
  /** Second and later names of a file: the path of the first. */
  readonly hardlinks: Readonly<Record<string, TreePath>>;
  readonly devices: Readonly<Record<string, readonly [major: number, minor: number]>>;
  readonly xattrs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly whiteouts: readonly TreePath[];
  readonly opaques: readonly TreePath[];
  /** Bytes (base64) of small files that are looked into often. */
  readonly inline: Readonly<Record<TreePath, string>>;
}

/** An object of a layer; a file also with where its data begins in the uncompressed tar. */
export interface LayerEntry extends FileEntry {
  readonly offset?: number;
  /** The crc32 of its data. */
  readonly crc?: number;
}

/** One layer on its own. No method looks into the layers below. */
export interface LayerIndex {
  readonly diffId: Digest;
  /** Bytes of the uncompressed tar. */
  readonly size: number;
  /** How many objects the layer puts, implied directories not counted. */
  readonly count: number;
  /** What the layer puts at a path; `implied`: a directory it only has by its contents. */
  entry(path: TreePath): LayerEntry | 'implied' | undefined;
  /** For a hard link to a file of a layer below: the path it links to. */
  outsideLink(path: TreePath): TreePath | undefined;
  entries(): Iterable<LayerEntry>;
  /** Paths of what the layer puts (or implies) in a directory, in no order. */
  children(directory: TreePath): readonly TreePath[];
  readonly whiteouts: ReadonlySet<TreePath>;
  readonly opaques: ReadonlySet<TreePath>;
  /** A file's bytes if they are kept in the listing. */
  inline(path: TreePath): Uint8Array | undefined;
  readonly columns: IndexColumns;
}

/** The listing behind columns that were parsed or built. */
export function layerIndexOf(columns: IndexColumns): LayerIndex {
  let taken: readonly TreePath[] | undefined;
  const paths = (): readonly TreePath[] => {
    taken ??= columns.rows === 0 ? [] : columns.paths.split(BETWEEN);
    return taken;
  };
  const linked = new Set(Object.values(columns.hardlinks));
  const isImplied = (row: number) => columns.attributes[columns.attribute[row]!]![0] === 'implied';
  let rows: Map<TreePath, number> | undefined;
  let childrenOf: Map<TreePath, TreePath[]> | undefined;

  const rowAt = (path: TreePath): number | undefined => {
    rows ??= new Map(paths().map((path, row) => [path, row]));
    return rows.get(path);
  };

  const entryAt = (row: number): LayerEntry => {
    const path = paths()[row]!;
    const target = columns.hardlinks[row];
    const source = target === undefined ? undefined : rowAt(target);
    const entry = entryOf(columns, source ?? row, path);
    if (target === undefined && !linked.has(path)) return entry;
    return { ...entry, inode: `${columns.diffId}/${target ?? path}` };
  };

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

export function formatIndex(index: LayerIndex): string {
  return sealJson(index.columns);
}

/** The listing in a file's text, or undefined if the text is torn or changed, of another format or of another layer. */
export function parseIndex(text: string, diffId: Digest): LayerIndex | undefined {
  try {
    const columns = openSealedJson(text) as IndexColumns | undefined;
    if (columns?.format !== INDEX_FORMAT || columns.diffId !== diffId) return undefined;
    return layerIndexOf(columns);
  } catch {
    return undefined;
  }
}

/** True if a text is the listing of this layer, as it was written. */
export function isListing(text: string, diffId: Digest): boolean {
  return parseIndex(text, diffId) !== undefined;
}
