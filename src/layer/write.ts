import { setImmediate as eventLoop } from 'node:timers/promises';
import {
  type BlobSink,
  type BlobWriter,
  type FileEntry,
  type FileLocation,
  locateContent,
  type TreePath,
} from '../content/index.ts';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import { type Layer, MEDIA_TYPE } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { type TarHeader, TarWriter } from '../tar/index.ts';
import type { Change } from './change.ts';
import { ContentReader } from './content-reader.ts';
import { LayerIndexBuilder } from './index-builder.ts';
import type { LayerIndex } from './layer-index.ts';
import { opaqueMarkerOf, refuseReservedName, refuseWhiteoutDevice, whiteoutOf } from './whiteout.ts';

/** Bytes between two turns of the event loop, about 50 ms. An entry counts as 16 KiB. */
const TURN = 64 << 20;
const ENTRY_COST = 16 << 10;

export interface LayerOptions {
  /** SOURCE_DATE_EPOCH: later modification times are set to it; seconds. */
  readonly epoch: number | undefined;
}

/** A written layer (uncompressed) and its listing. */
export interface SealedLayer {
  readonly layer: Layer;
  readonly index: LayerIndex;
}

/**
 * Writes changes as a layer's tar into a new blob, directly from the locations of their content. Changes must be sorted, parents first.
 * The same changes always give the same bytes. Dispose aborts a layer that is not finished.
 */
export class LayerWriter implements AsyncDisposable {
  readonly #blob: BlobWriter;
  readonly #tar: TarWriter;
  readonly #index = new LayerIndexBuilder();
  readonly #epoch: number;
  /** First name of each inode. */
  readonly #inodes = new Map<string, TreePath>();
  readonly #content = new ContentReader();

  constructor(sink: BlobSink, options: LayerOptions = { epoch: undefined }) {
    const blob = sink.create();
    this.#blob = blob;
    this.#tar = new TarWriter((bytes) => blob.write(bytes));
    this.#epoch = options.epoch ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Writes changes. Gives control to the event loop regularly, so that the call can be cancelled. Throws `unsupported` for names that a
   * layer cannot contain, `source-missing` if a file is shorter than listed.
   */
  async addAll(changes: Iterable<Change>, call: Call): Promise<void> {
    let nextTurn = this.#tar.offset + TURN;
    let entries = 0;
    for (const change of changes) {
      entries++;
      const place = change.kind === 'put' && change.content !== undefined ? locateContent(change.content) : undefined;
      for (const _ of this.#steps(change, place instanceof Promise ? await place : place)) {
        if (this.#tar.offset + entries * ENTRY_COST < nextTurn) continue;
        await eventLoop();
        throwIfCancelled(call.signal);
        nextTurn = this.#tar.offset + entries * ENTRY_COST + TURN;
      }
    }
  }

  async finish(): Promise<SealedLayer> {
    this.#content.close();
    this.#tar.finish();
    const { digest, size } = await this.#blob.commit();
    const layer: Layer = { diffId: digest, blob: { mediaType: MEDIA_TYPE.layer, digest, size } };
    return { layer, index: this.#index.finish(digest, size) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#content.close();
    await this.#blob[Symbol.asyncDispose]();
  }

  /** Writes one change. Yields after each piece of work. */
  *#steps(change: Change, content: FileLocation | undefined): Iterable<void> {
    if (change.kind === 'delete') {
      refuseReservedName(change.path);
      this.#begin(marker(whiteoutOf(change.path)));
      yield;
      return;
    }
    const { entry } = change;
    refuseReservedName(entry.path);
    refuseWhiteoutDevice(entry, entry.path);
    const header = this.#headerOf(entry);
    this.#begin(header);
    if (header.type === 'file' && header.size > 0) yield* this.#copy(entry, content);
    else yield;
    if (change.opaque === true) this.#begin(marker(opaqueMarkerOf(entry.path)));
    if (entry.inode !== undefined && header.type === 'file') this.#inodes.set(entry.inode, entry.path);
  }

  #begin(header: TarHeader): void {
    this.#index.add(header, this.#tar.entry(header));
  }

  #headerOf(entry: FileEntry): TarHeader {
    const first = entry.inode === undefined ? undefined : this.#inodes.get(entry.inode);
    const { mode, uid, gid } = entry;
    const mtime = Math.min(entry.mtime, this.#epoch);
    if (first !== undefined)
      return { path: entry.path, type: 'hardlink', mode, uid, gid, size: 0, mtime, linkname: first };
    if (entry.type === 'directory') {
      const path = entry.path === '' ? './' : `${entry.path}/`;
      return withXattrs({ path, type: 'directory', mode, uid, gid, size: 0, mtime }, entry);
    }
    if (entry.type === 'file') {
      return withXattrs({ path: entry.path, type: 'file', mode, uid, gid, size: entry.size, mtime }, entry);
    }
    return withXattrs({ ...specialHeader(entry), mode, uid, gid, size: 0, mtime }, entry);
  }

  *#copy(entry: FileEntry, location: FileLocation | undefined): Iterable<void> {
    if (location === undefined) throw new MkimageError('internal', `write layer: \`${entry.path}\` has no content`);
    const read = this.#content.open(entry, location);
    while (this.#tar.left > 0) {
      this.#tar.fill((buffer, offset, length) => {
        const count = read(buffer, offset, length);
        if (this.#index.wantsData) this.#index.data(buffer.subarray(offset, offset + count));
        return count;
      });
      yield;
    }
  }
}

const CAPABILITY = 'security.capability';

/** Returns the file capabilities (base64). They are the only extended attribute in layers, as in other builders. */
export function portableXattr({ xattrs }: FileEntry): string | undefined {
  return xattrs?.[CAPABILITY];
}

function withXattrs(header: TarHeader, entry: FileEntry): TarHeader {
  const capability = portableXattr(entry);
  return capability === undefined ? header : { ...header, xattrs: { [CAPABILITY]: capability } };
}

function specialHeader({
  path,
  type,
  linkname,
  device,
}: FileEntry): Pick<TarHeader, 'path' | 'type' | 'linkname' | 'device'> {
  if (type === 'symlink') return { path, type, linkname: linkname ?? '' };
  return device === undefined ? { path, type } : { path, type, device };
}

/** Creates the header of a whiteout: an empty file of root at time 0, so that the same deletion always gives the same bytes. */
function marker(path: TreePath): TarHeader {
  return { path, type: 'file', mode: 0, uid: 0, gid: 0, size: 0, mtime: 0 };
}
