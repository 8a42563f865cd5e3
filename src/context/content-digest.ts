/**
 * The part of a cache key for the files of COPY, ADD and bind mounts: a text with a line for each entry, and its digest. It has no
 * times, so that a new clone of a repository hits the cache. It has owners only if they can reach the image (sources in a stage).
 *
 *     type · mode · content · owner · extended attributes · hard link · name      (separated by tabs; fields have no tabs)
 *
 * The name comes last. `explainMiss` in src/cache compares two listings and depends only on that.
 */
import { createHash } from 'node:crypto';
import type { FileEntry, FileTree, TreePath } from '../content/index.ts';
import { type Digest, formatCanonicalJson } from '../oci/index.ts';

/** A part of a tree to copy. */
export interface Selection {
  readonly path: TreePath;
  /** Its name in the listing: the path as written, or the destination. Default: `path`. */
  readonly name?: string;
  /** True for entries below `path` to copy. The entries of a rejected directory are still tested. Default: all. */
  readonly accepts?: (entry: FileEntry) => boolean;
}

export interface ContentListing {
  /** UTF-8. */
  readonly text: Buffer;
  readonly digest: Digest;
  /** Number of entries that are not directories. */
  readonly files: number;
}

export interface ListingOptions {
  readonly owners: boolean;
}

/** Lists the selections in order, each sorted by path, with the digests of all files. Missing selections are skipped. */
export async function listSelections(
  tree: FileTree,
  selections: readonly Selection[],
  options: ListingOptions,
): Promise<ContentListing> {
  const text = new GatheredText();
  const links = new Map<string, string>();
  let files = 0;
  for (const { entry, name } of entriesOf(tree, selections)) {
    // Most digests are known, and awaiting each of them would be slow.
    const found = entry.type === 'file' ? tree.digest(entry.path) : undefined;
    const content = found instanceof Promise ? await found : found;
    text.add(lineOf({ entry, name: escapeText(name), content, link: linkOf(links, entry, name) }, options));
    if (entry.type !== 'directory') files++;
  }
  return { ...text.finish(), files };
}

/** This many lines are converted to bytes together, because strings take ten times as much memory. */
const LINES = 1024;

/** Builds a long text and its digest. */
class GatheredText {
  readonly #hash = createHash('sha256');
  readonly #pieces: Buffer[] = [];
  #lines: string[] = [];

  add(line: string): void {
    if (this.#lines.push(line) === LINES) this.#gather();
  }

  finish(): { readonly text: Buffer; readonly digest: Digest } {
    this.#gather();
    return { text: Buffer.concat(this.#pieces), digest: `sha256:${this.#hash.digest('hex')}` };
  }

  #gather(): void {
    const piece = Buffer.from(this.#lines.join(''));
    this.#lines = [];
    this.#hash.update(piece);
    this.#pieces.push(piece);
  }
}

function* entriesOf(tree: FileTree, selections: readonly Selection[]): Generator<{ entry: FileEntry; name: string }> {
  for (const selection of selections) {
    const { path, name = path, accepts = () => true } = selection;
    const root = tree.stat(path);
    if (root === undefined) continue;
    const waiting = [root];
    for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
      if (entry === root || accepts(entry)) yield { entry, name: nameBelow(name, path, entry.path) };
      for (const child of tree.list(entry.path).toReversed()) waiting.push(child);
    }
  }
}

/** The name in the listing of an entry below a selection. */
function nameBelow(name: string, root: TreePath, path: TreePath): string {
  const below = root === '' ? path : path.slice(root.length + 1);
  if (below === '') return name;
  return name === '' ? below : `${name}/${below}`;
}

interface ListedEntry {
  readonly entry: FileEntry;
  readonly name: string;
  readonly content?: Digest | undefined;
  readonly link: string;
}

function lineOf({ entry, name, content, link }: ListedEntry, options: ListingOptions): string {
  const owner = options.owners ? `${entry.uid}:${entry.gid}` : '';
  const xattrs = entry.xattrs === undefined ? '' : escapeText(formatCanonicalJson(entry.xattrs));
  return `${entry.type}\t${entry.mode.toString(8)}\t${content ?? identityOf(entry)}\t${owner}\t${xattrs}\t${link}\t${name}\n`;
}

/** The content field of an entry that is not a file. */
function identityOf(entry: FileEntry): string {
  if (entry.linkname !== undefined) return escapeText(entry.linkname);
  return entry.device === undefined ? '' : `${entry.device.major}:${entry.device.minor}`;
}

/** The first name of the same inode in this listing, because hard links stay hard links in the layer. */
function linkOf(links: Map<string, string>, entry: FileEntry, name: string): string {
  if (entry.inode === undefined) return '';
  const first = links.get(entry.inode);
  if (first === undefined) links.set(entry.inode, name);
  return first === undefined ? '' : escapeText(first);
}

const ODD = /[\\\p{Cc}\p{Cs}]/u;

/** Escapes control characters and lone surrogates, which UTF-8 cannot represent. Different texts stay different. */
function escapeText(text: string): string {
  if (!ODD.test(text)) return text;
  return text.replace(/[\\\p{Cc}\p{Cs}]/gu, (char) =>
    char === '\\' ? '\\\\' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
