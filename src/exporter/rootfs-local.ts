/** The root filesystem of an image in a directory of the host. */
import {
  chmodSync,
  closeSync,
  constants,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type FileEntry, type FileTree, nameOf, type TreePath, walkTree } from '../content/index.ts';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import { makeNode, setXattr } from '../host/index.ts';
import { ContentReader, fsName, hostNames } from '../layer/index.ts';
import type { Call, StepId } from '../progress.ts';
import { outputFault } from './output-fault.ts';
import type { OutputSpec } from './output-spec.ts';

const CHUNK = 256 * 1024;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const NODE_TYPE = { fifo: constants.S_IFIFO, char: constants.S_IFCHR, block: constants.S_IFBLK } as const;
/** Entries between two turns of the event loop. */
const TURN = 256;

/**
 * Writes the tree into a directory, over what is there: files are replaced, directories stay with what else they hold, or with
 * `mode: 'delete'` lose it. No symbolic link below the directory is ever followed, neither one of the image nor one that was
 * there before. Owners are kept if that is allowed (as root). Throws `usage` and `store` as other outputs, `cancelled`.
 */
export async function writeRootfsLocal(
  tree: FileTree,
  output: OutputSpec & { type: 'local' },
  step: StepId,
  call: Call,
): Promise<void> {
  try {
    mkdirSync(output.dest, { recursive: true, mode: 0o755 });
    using target = new LocalRoot(realpathSync(output.dest), step, call);
    let count = 0;
    for (const entry of walkTree(tree)) {
      if (entry.path === '') continue;
      await target.put(entry, tree);
      if (output.mode === 'delete' && entry.type === 'directory') target.removeOthers(entry.path, tree);
      if (++count % TURN === 0) await nextTurn();
    }
    if (output.mode === 'delete') target.removeOthers('', tree);
    target.finish();
  } catch (error) {
    throw outputFault(output.dest, error);
  }
}

/** A directory that is written parents first: every parent is a real directory by the time something is put into it. */
class LocalRoot implements Disposable {
  readonly #root: string;
  readonly #step: StepId;
  readonly #call: Call;
  readonly #keepsOwners = process.getuid?.() === 0;
  readonly #content = new ContentReader();
  readonly #buffer = Buffer.allocUnsafe(CHUNK);
  /** First name of each inode. */
  readonly #inodes = new Map<string, string>();
  /** Directories get their times last, because every file put into them changes those. */
  readonly #directories: FileEntry[] = [];

  constructor(root: string, step: StepId, call: Call) {
    this.#root = root;
    this.#step = step;
    this.#call = call;
  }

  async put(entry: FileEntry, tree: FileTree): Promise<void> {
    throwIfCancelled(this.#call.signal);
    const file = this.#fileOf(entry.path);
    if (entry.type === 'directory') return this.#putDirectory(entry, file);
    rmSync(fsName(file), { recursive: true, force: true });
    const first = entry.inode === undefined ? undefined : this.#inodes.get(entry.inode);
    if (first !== undefined) return linkSync(fsName(first), fsName(file));
    if (entry.inode !== undefined) this.#inodes.set(entry.inode, file);
    if (entry.type === 'file') await this.#putFile(entry, file, tree);
    else if (entry.type === 'symlink') symlinkSync(fsName(entry.linkname ?? ''), fsName(file));
    else if (!this.#putNode(entry, entry.type, file)) return;
    this.#describe(entry, file);
  }

  /** Removes what a directory holds beside what the tree has in it. */
  removeOthers(directory: TreePath, tree: FileTree): void {
    const wanted = new Set(tree.list(directory).map(({ path }) => nameOf(path)));
    const place = this.#fileOf(directory);
    for (const name of hostNames(place)) {
      if (!wanted.has(name)) rmSync(fsName(`${place}/${name}`), { recursive: true, force: true });
    }
  }

  finish(): void {
    for (const entry of this.#directories.reverse()) this.#setTimes(entry, this.#fileOf(entry.path));
  }

  [Symbol.dispose](): void {
    this.#content.close();
  }

  #fileOf(path: TreePath): string {
    if (path === '') return this.#root;
    const unsafe = path.split('/').some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'));
    if (unsafe) throw new MkimageError('invalid-archive', `write \`${path}\`: it leads out of the root filesystem`);
    return `${this.#root}/${path}`;
  }

  #putDirectory(entry: FileEntry, file: string): void {
    const present = lstatSync(fsName(file), { throwIfNoEntry: false });
    if (present !== undefined && !present.isDirectory()) rmSync(fsName(file));
    if (present?.isDirectory() !== true) mkdirSync(fsName(file), { mode: 0o700 });
    this.#directories.push(entry);
    this.#describe(entry, file);
  }

  async #putFile(entry: FileEntry, file: string, tree: FileTree): Promise<void> {
    const read = this.#content.open(entry, await tree.locate(entry.path));
    const target = openSync(fsName(file), NEW_FILE, 0o600);
    try {
      for (let left = entry.size; left > 0; ) {
        const count = read(this.#buffer, 0, Math.min(left, CHUNK));
        for (let at = 0; at < count; ) at += writeSync(target, this.#buffer, at, count - at);
        left -= count;
      }
    } finally {
      closeSync(target);
    }
  }

  /** False where devices may not be made: then there is none, and the user is told. */
  #putNode(entry: FileEntry, type: keyof typeof NODE_TYPE, file: string): boolean {
    try {
      makeNode(file, NODE_TYPE[type] | 0o600, entry.device ?? { major: 0, minor: 0 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
      this.#call.report({
        type: 'warning',
        step: this.#step,
        message: `left out device \`/${entry.path}\`: only root can make it`,
      });
      return false;
    }
  }

  /** Owner before mode, because a change of owner takes setuid and setgid away. */
  #describe(entry: FileEntry, file: string): void {
    const name = fsName(file);
    if (this.#keepsOwners) lchownSync(name, entry.uid, entry.gid);
    if (entry.type !== 'symlink') {
      for (const [attribute, value] of Object.entries(entry.xattrs ?? {})) this.#setXattr(file, attribute, value);
      chmodSync(name, entry.mode);
    }
    if (entry.type !== 'directory') this.#setTimes(entry, file);
  }

  #setXattr(file: string, attribute: string, value: string): void {
    if (!this.#keepsOwners && !attribute.startsWith('user.')) return;
    setXattr(file, attribute, Buffer.from(value, 'base64'));
  }

  #setTimes(entry: FileEntry, file: string): void {
    lutimesSync(fsName(file), entry.mtime, entry.mtime);
  }
}
