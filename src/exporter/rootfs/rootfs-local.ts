/** Writes the root filesystem of an image into a directory of the host. */
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutputSpec } from '../../api/index.ts';
import { type FileEntry, type FileTree, nameOf, reportTransfer, type TreePath, walkTree } from '../../content/index.ts';
import { MkimageError, throwIfCancelled } from '../../errors.ts';
import {
  descriptorPath,
  isInUserNamespace,
  isRoot,
  listHostNames,
  makeNode,
  removeByDescriptor,
  setXattrThrough,
} from '../../host/index.ts';
import { ContentReader } from '../../layer/index.ts';
import type { Call, StepId } from '../../progress.ts';
import { toFsName } from '../../tar/index.ts';
import { OutputDirectory, openObject } from '../output-directory.ts';
import { outputFault } from '../output-fault.ts';

const CHUNK = 256 * 1024;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const NODE_TYPE = { fifo: constants.S_IFIFO, char: constants.S_IFCHR, block: constants.S_IFBLK } as const;
/** Entries between two turns of the event loop. */
const TURN = 256;

interface LocalRootfsProgress {
  readonly step: StepId;
  readonly call: Call;
}

/**
 * Writes the tree into a directory over existing content: files are replaced, directories keep their other content, or
 * lose it with `mode: 'delete'`. No symbolic link below the directory is ever followed, whether it comes from the
 * image, existed before or is added meanwhile. Owners are kept if the user is allowed to set them (root). Throws
 * `usage` and `store` as other outputs, `cancelled`.
 */
export async function writeRootfsLocal(
  tree: FileTree,
  output: OutputSpec & { type: 'local' },
  { step, call }: LocalRootfsProgress,
): Promise<void> {
  try {
    using directory = OutputDirectory.open(output.dest);
    using target = new LocalRoot(directory, step, call);
    const transfer = reportTransfer({ step, item: 'files', total: undefined }, call);
    let count = 0;
    for (const entry of walkTree(tree)) {
      if (entry.path === '') continue;
      await target.put(entry, tree);
      transfer.addBytes(entry.size);
      if (output.mode === 'delete' && entry.type === 'directory') target.removeOthers(entry.path, tree);
      if (++count % TURN === 0) await nextTurn();
    }
    if (output.mode === 'delete') target.removeOthers('', tree);
    target.finish();
    transfer.finish();
  } catch (error) {
    throw outputFault(output.dest, error);
  }
}

/** Writes a directory parents first, so that every parent is a real directory when an object is put into it. */
class LocalRoot implements Disposable {
  readonly #directory: OutputDirectory;
  readonly #step: StepId;
  readonly #call: Call;
  /** In a user namespace, a user who is root there would get files of subordinate ids, which nobody else can remove. */
  readonly #keepsOwners = isRoot() && !isInUserNamespace();
  readonly #content = new ContentReader();
  readonly #buffer = Buffer.allocUnsafe(CHUNK);
  /** First path of each inode. */
  readonly #inodes = new Map<string, TreePath>();
  /** Directories get their times last, because writing a file into a directory changes its time. */
  readonly #directories: FileEntry[] = [];

  constructor(directory: OutputDirectory, step: StepId, call: Call) {
    this.#directory = directory;
    this.#step = step;
    this.#call = call;
  }

  async put(entry: FileEntry, tree: FileTree): Promise<void> {
    throwIfCancelled(this.#call.signal);
    if (entry.type === 'directory') return this.#putDirectory(entry);
    if (entry.type === 'file') return this.#putFile(entry, tree);
    const object = this.#clear(entry.path);
    if (this.#isLinked(entry, object)) return;
    if (entry.type === 'symlink') symlinkSync(toFsName(entry.linkname ?? ''), toFsName(object));
    else if (!this.#putNode(entry, entry.type, object)) return;
    this.#describeObject(entry, openObject(object));
  }

  /** Removes objects of a directory that are not in the tree. */
  removeOthers(directory: TreePath, tree: FileTree): void {
    const wanted = new Set(tree.list(directory).map(({ path }) => nameOf(path)));
    const place = this.#directory.folder(directory);
    for (const name of listHostNames(place)) if (!wanted.has(name)) removeByDescriptor(toFsName(`${place}/${name}`));
  }

  finish(): void {
    for (const { path, mtime } of this.#directories.reverse()) {
      const folder = this.#directory.openFolder(path);
      try {
        utimesSync(descriptorPath(folder), mtime, mtime);
      } finally {
        closeSync(folder);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#content.close();
  }

  /** Removes the object at the path, and returns the path for the new one. */
  #clear(path: TreePath): string {
    const object = this.#directory.object(path);
    removeByDescriptor(toFsName(object));
    return object;
  }

  /** Makes a hard link if the inode was written already. */
  #isLinked({ inode, path }: FileEntry, object: string): boolean {
    const first = inode === undefined ? undefined : this.#inodes.get(inode);
    if (inode !== undefined && first === undefined) this.#inodes.set(inode, path);
    if (first === undefined) return false;
    this.#directory.withObject(first, (from) => linkSync(toFsName(from), toFsName(object)));
    return true;
  }

  #putDirectory(entry: FileEntry): void {
    const object = toFsName(this.#directory.object(entry.path));
    const present = lstatSync(object, { throwIfNoEntry: false });
    if (present !== undefined && !present.isDirectory()) unlinkSync(object);
    if (present?.isDirectory() !== true) mkdirSync(object, { mode: 0o700 });
    this.#directories.push(entry);
    this.#describeObject(entry, this.#directory.openFolder(entry.path));
  }

  async #putFile(entry: FileEntry, tree: FileTree): Promise<void> {
    const location = await tree.locate(entry.path);
    const object = this.#clear(entry.path);
    if (this.#isLinked(entry, object)) return;
    const read = this.#content.open(entry, location);
    const target = openSync(toFsName(object), NEW_FILE, 0o600);
    try {
      for (let left = entry.size; left > 0; ) {
        const count = read(this.#buffer, 0, Math.min(left, CHUNK));
        for (let at = 0; at < count; ) at += writeSync(target, this.#buffer, at, count - at);
        left -= count;
      }
      this.#describe(entry, descriptorPath(target));
    } finally {
      closeSync(target);
    }
  }

  /** Returns false if the user may not create devices: the device is left out with a warning. */
  #putNode(entry: FileEntry, type: keyof typeof NODE_TYPE, object: string): boolean {
    try {
      makeNode(object, NODE_TYPE[type] | 0o600, entry.device ?? { major: 0, minor: 0 });
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

  /**
   * Another process may have replaced the object between its creation and its opening, for example by a hard link to
   * another file.
   */
  #describeObject(entry: FileEntry, descriptor: number): void {
    try {
      const stats = fstatSync(descriptor);
      const isOurs = stats.isDirectory() === (entry.type === 'directory') && (stats.isDirectory() || stats.nlink === 1);
      if (!isOurs) throw new MkimageError('store', `write \`${entry.path}\`: another process replaced it`);
      this.#describe(entry, descriptorPath(descriptor));
    } finally {
      closeSync(descriptor);
    }
  }

  /**
   * Sets the owner before the mode, because changing the owner clears setuid and setgid. `place` is the path of a
   * descriptor.
   */
  #describe(entry: FileEntry, place: string): void {
    if (this.#keepsOwners) chownSync(place, entry.uid, entry.gid);
    if (entry.type !== 'symlink') {
      for (const [attribute, value] of Object.entries(entry.xattrs ?? {})) this.#setXattr(place, attribute, value);
      chmodSync(place, entry.mode);
    }
    if (entry.type !== 'directory') utimesSync(place, entry.mtime, entry.mtime);
  }

  #setXattr(place: string, attribute: string, value: string): void {
    if (!this.#keepsOwners && !attribute.startsWith('user.')) return;
    setXattrThrough(place, attribute, Buffer.from(value, 'base64'));
  }
}
