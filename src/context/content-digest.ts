/**
 * What COPY, ADD and bind mounts put into a cache key: a text with a line for each entry, and its digest. Times are out, because
 * a fresh clone must hit; owners are in only where they can reach the image (sources in a stage).
 *
 *     type · mode · what it is · owner · extended attributes · hard link · name      (tab-separated, nothing in a field has a tab)
 *
 * The name comes last, so that whoever compares two listings (`explainMiss` in src/cache) needs to know nothing else.
 */
import { createHash } from 'node:crypto';
import type { FileEntry, FileTree, TreePath } from '../content/index.ts';
import { canonicalJson, type Digest } from '../oci/index.ts';

/** One part of a tree that is copied. */
export interface Selection {
  readonly path: TreePath;
  /** What it is called in the listing: the path as the author wrote it, or where it lands. Default: `path`. */
  readonly name?: string;
  /** Whether an entry below (by its path in the tree) is copied; a directory that is not is still looked into. Default: all. */
  readonly accepts?: (entry: FileEntry) => boolean;
}

export interface ContentListing {
  /** UTF-8. */
  readonly text: Buffer;
  readonly digest: Digest;
  /** How many entries that are not directories it has. */
  readonly files: number;
}

export interface ListingOptions {
  readonly owners: boolean;
}

/** Lists the selections in order, each sorted by path, with the digests of all files. A selection that does not exist adds nothing. */
export async function listing(
  tree: FileTree,
  selections: readonly Selection[],
  options: ListingOptions,
): Promise<ContentListing> {
  const text = new GatheredText();
  const links = new Map<string, string>();
  let files = 0;
  for (const { entry, name } of entriesOf(tree, selections)) {
    // Most digests are known: awaiting each would cost more than all the rest.
    const found = entry.type === 'file' ? tree.digest(entry.path) : undefined;
    const content = found instanceof Promise ? await found : found;
    text.add(lineOf(entry, escaped(name), content, linkOf(links, entry, name), options));
    if (entry.type !== 'directory') files++;
  }
  return { ...text.finish(), files };
}

/** So many lines are turned into bytes together: as texts they take ten times as much memory. */
const LINES = 1024;

/** A long text in the making, and its digest. */
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

/** The name of an entry below a selection that has a name of its own. */
function nameBelow(name: string, root: TreePath, path: TreePath): string {
  const below = root === '' ? path : path.slice(root.length + 1);
  if (below === '') return name;
  return name === '' ? below : `${name}/${below}`;
}

function lineOf(
  entry: FileEntry,
  name: string,
  content: Digest | undefined,
  link: string,
  options: ListingOptions,
): string {
  const owner = options.owners ? `${entry.uid}:${entry.gid}` : '';
  const xattrs = entry.xattrs === undefined ? '' : escaped(canonicalJson(entry.xattrs));
  return `${entry.type}\t${entry.mode.toString(8)}\t${content ?? identityOf(entry)}\t${owner}\t${xattrs}\t${link}\t${name}\n`;
}

/** What an entry without content is. */
function identityOf(entry: FileEntry): string {
  if (entry.linkname !== undefined) return escaped(entry.linkname);
  return entry.device === undefined ? '' : `${entry.device.major}:${entry.device.minor}`;
}

/** The name under which the same inode came before in this listing: a hard link there is a hard link in the layer. */
function linkOf(links: Map<string, string>, entry: FileEntry, name: string): string {
  if (entry.inode === undefined) return '';
  const first = links.get(entry.inode);
  if (first === undefined) links.set(entry.inode, name);
  return first === undefined ? '' : escaped(first);
}

const ODD = /[\\\p{Cc}\p{Cs}]/u;

/** No control characters, and nothing that UTF-8 cannot hold: different texts stay different. */
function escaped(text: string): string {
  if (!ODD.test(text)) return text;
  return text.replace(/[\\\p{Cc}\p{Cs}]/gu, (char) =>
    char === '\\' ? '\\\\' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
