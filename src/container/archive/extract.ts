import { linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { cleanPath, nameOf, parentOf } from '../../content/index.ts';
import { MkimageError, throwIfCancelled } from '../../errors.ts';
import { removeByDescriptor } from '../../host/index.ts';
import { type TarEntry, TarReader, toFsName } from '../../tar/index.ts';
import { describeObject, makeSpecial, NewFile, type NewOwner } from './new-object.ts';
import { createMissingError, type Place, type RootView } from './root-view.ts';

export interface ExtractOptions {
  /** An existing directory; symlinks in it are followed. */
  readonly target: string;
  /** Refuses to replace a directory by something else, and something else by a directory. */
  readonly keepsKinds: boolean;
  /** The owner of everything; undefined: as in the archive, `none`: that of this process. */
  readonly owner?: NewOwner;
  readonly signal: AbortSignal;
}

/** Unpacks a plain tar into a directory of the root. Throws `invalid-archive` for names with `..`, `not-found`, `usage`, `limit`. */
export async function extractTar(
  view: RootView,
  tar: AsyncIterable<Uint8Array>,
  options: ExtractOptions,
): Promise<void> {
  using place = view.find(options.target, { follow: true });
  if (place.stats === undefined) throw createMissingError(options.target);
  if (!place.stats.isDirectory()) throw new MkimageError('usage', 'extraction point is not a directory');
  using extractor = new Extractor(view, { ...options, target: place.path });
  const reader = new TarReader(extractor);
  for await (const chunk of tar) {
    throwIfCancelled(options.signal);
    reader.push(chunk);
    await nextTurn();
  }
  reader.end();
  extractor.finish();
}

class Extractor implements Disposable {
  readonly #view: RootView;
  readonly #options: ExtractOptions;
  #file: NewFile | undefined;
  /** Directories get their times last, because writing into a directory changes its time. */
  readonly #folders: TarEntry[] = [];

  constructor(view: RootView, options: ExtractOptions) {
    this.#view = view;
    this.#options = options;
  }

  entry(entry: TarEntry): void {
    const path = pathOf(entry.path);
    if (path === '') return;
    using place = this.#placeFor(path);
    const { file } = place;
    if (!this.#makeFree(place, entry)) this.#folder(place, entry);
    else if (entry.type === 'file') this.#file = new NewFile(file, entry);
    else if (entry.type === 'directory') {
      mkdirSync(toFsName(file), { mode: 0o700 });
      this.#folder(place, entry);
    } else if (entry.type === 'hardlink') this.#link(entry, file);
    else {
      if (entry.type === 'symlink') symlinkSync(toFsName(entry.linkname ?? ''), toFsName(file));
      else makeSpecial(file, entry);
      describeObject(file, entry, this.#options.owner);
    }
  }

  data(bytes: Buffer): void {
    this.#file?.write(bytes);
  }

  entryEnd(): void {
    this.#file?.finish(this.#options.owner);
    this.#file = undefined;
  }

  finish(): void {
    for (const entry of this.#folders.reverse()) {
      using place = this.#view.find(this.#inside(pathOf(entry.path)), { follow: false });
      if (place.stats?.isDirectory() === true) describeObject(place.file, entry, this.#options.owner);
    }
  }

  [Symbol.dispose](): void {
    this.#file?.close();
  }

  #inside(path: string): string {
    return `${this.#options.target}/${path}`;
  }

  #folder({ file }: Place, entry: TarEntry): void {
    describeObject(file, entry, this.#options.owner);
    this.#folders.push(entry);
  }

  /** Makes missing directories above it. */
  #placeFor(path: string): Place {
    const parent = parentOf(path);
    let known = '';
    for (const name of parent.split('/').filter((each) => each !== '')) {
      known = known === '' ? name : `${known}/${name}`;
      using above = this.#view.find(this.#inside(known), { follow: true });
      if (above.stats === undefined) mkdirSync(toFsName(above.file), { mode: 0o755 });
    }
    using above = this.#view.find(this.#inside(parent), { follow: true });
    if (above.stats?.isDirectory() !== true)
      throw new MkimageError('usage', `extract \`${path}\`: \`${parent}\` is not a directory`);
    const place = this.#view.find(`${above.path}/${nameOf(path)}`, { follow: false });
    return place;
  }

  /** Returns false if a directory stays, which the entry describes. */
  #makeFree({ stats, file, path }: Place, { type }: TarEntry): boolean {
    if (stats === undefined) return true;
    const [is, wants] = [stats.isDirectory(), type === 'directory'];
    if (is && wants) return false;
    if (this.#options.keepsKinds && is)
      throw new MkimageError('usage', `cannot overwrite directory "${path}" with non-directory "${path}"`);
    if (this.#options.keepsKinds && wants)
      throw new MkimageError('usage', `cannot overwrite non-directory "${path}" with directory "${path}"`);
    removeByDescriptor(toFsName(file));
    return true;
  }

  #link({ path, linkname = '' }: TarEntry, file: string): void {
    using source = this.#view.find(this.#inside(pathOf(linkname)), { follow: false });
    if (source.stats === undefined || source.stats.isDirectory())
      throw new MkimageError(
        'invalid-archive',
        `extract \`${path}\`: it is a hard link to \`${linkname}\`, which is no file`,
      );
    linkSync(toFsName(source.file), toFsName(file));
  }
}

function pathOf(name: string): string {
  if (!name.split('/').includes('..')) return cleanPath(name);
  throw new MkimageError('invalid-archive', `extract: the archive has an entry outside its root, \`${name}\``);
}
