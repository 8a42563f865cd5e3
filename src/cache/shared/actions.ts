/**
 * A shared cache in the cache service of GitHub Actions. Entries cannot be changed, and only some hundred can be written per minute: so
 * small blobs are packed into few entries, and the document is inside the newest entry of its scope.
 */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { MkimageError } from '../../errors.ts';
import type { HttpClient } from '../../http/index.ts';
import { type Descriptor, type Digest, digestOf, encodedOf, isDigest } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import { isObject } from '../record.ts';
import { type ActionsApi, openEntry } from './actions-api.ts';
import type { BlobContent, Publication, SharedStorage } from './index.ts';
import { contentOf } from './web.ts';

export interface ActionsStorageOptions {
  readonly http: HttpClient;
  readonly api: ActionsApi;
  readonly scope: string;
  /** Differs from that of every other build of the scope: a time. */
  readonly stamp: () => string;
}

/** Where a small blob is. */
interface Packed {
  readonly pack: Digest;
  readonly offset: number;
}

/** Blobs below this size are packed. */
const SMALL = 1 << 20;
const MOST_PACK = 32 << 20;
const MOST_INDEX = 16 << 20;

export class ActionsStorage implements SharedStorage {
  readonly title: string;
  readonly #options: ActionsStorageOptions;
  /** Blobs in packs, by digest. */
  readonly #packed = new Map<Digest, Packed>();
  readonly #packs = new Map<Digest, Promise<Buffer>>();
  #pending: { readonly digest: Digest; readonly bytes: Buffer }[] = [];
  #known: Promise<Uint8Array | undefined> | undefined;

  constructor(options: ActionsStorageOptions) {
    this.#options = options;
    this.title = `GitHub Actions, scope \`${options.scope}\``;
  }

  readDocument(call: Call): Promise<Uint8Array | undefined> {
    this.#known ??= this.#readIndex(call);
    return this.#known;
  }

  async open(blob: Descriptor, call: Call): Promise<Readable> {
    await this.readDocument(call);
    const place = this.#packed.get(blob.digest);
    if (place !== undefined) {
      const pack = await this.#readPack(place.pack, call);
      return Readable.from([pack.subarray(place.offset, place.offset + blob.size)], { objectMode: false });
    }
    const entry = await this.#options.api.find({ exact: keyOf(blob) }, call);
    if (entry !== undefined) return openEntry(this.#options.http, entry, call);
    throw new MkimageError('not-found', `read cache blob \`${blob.digest}\`: it is not in ${this.title}`);
  }

  async has(blob: Descriptor, call: Call): Promise<boolean> {
    await this.readDocument(call);
    if (this.#pending.some(({ digest }) => digest === blob.digest)) return true;
    const digest = this.#packed.get(blob.digest)?.pack ?? blob.digest;
    return (await this.#options.api.find({ exact: keyOf({ digest }) }, call)) !== undefined;
  }

  async put({ blob, open }: BlobContent, call: Call): Promise<void> {
    if (blob.size >= SMALL) return this.#options.api.save(keyOf(blob), { length: blob.size, open }, call);
    const bytes = await buffer(await open());
    this.#pending.push({ digest: blob.digest, bytes });
    const size = this.#pending.reduce((sum, each) => sum + each.bytes.length, 0);
    if (size > MOST_PACK) await this.#writePack(call);
  }

  async publish({ document, blobs }: Publication, call: Call): Promise<void> {
    await this.#writePack(call);
    const packed = blobs.flatMap(({ digest }) => {
      const place = this.#packed.get(digest);
      return place === undefined ? [] : [[digest, place] as const];
    });
    const index = { version: 1, packed: Object.fromEntries(packed), document: document.toString('utf8') };
    const { scope, stamp } = this.#options;
    const bytes = Buffer.from(JSON.stringify(index));
    const key = `${prefixOf(scope)}${stamp()}-${encodedOf(digestOf(bytes)).slice(0, 12)}`;
    await this.#options.api.save(key, contentOf(bytes), call);
    this.#known = undefined;
  }

  async #writePack(call: Call): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    if (pending.length === 0) return;
    const bytes = Buffer.concat(pending.map((each) => each.bytes));
    const pack = digestOf(bytes);
    await this.#options.api.save(keyOf({ digest: pack }), contentOf(bytes), call);
    let offset = 0;
    for (const each of pending) {
      this.#packed.set(each.digest, { pack, offset });
      offset += each.bytes.length;
    }
  }

  #readPack(digest: Digest, call: Call): Promise<Buffer> {
    const running = this.#packs.get(digest) ?? this.#fetchPack(digest, call);
    this.#packs.set(digest, running);
    running.catch(() => this.#packs.delete(digest));
    return running;
  }

  async #fetchPack(digest: Digest, call: Call): Promise<Buffer> {
    const entry = await this.#options.api.find({ exact: keyOf({ digest }) }, call);
    if (entry === undefined)
      throw new MkimageError('not-found', `read cache pack \`${digest}\`: it is not in ${this.title}`);
    const bytes = await readUpTo(await openEntry(this.#options.http, entry, call), MOST_PACK + SMALL);
    if (digestOf(bytes) === digest) return bytes;
    throw new MkimageError('integrity', `read cache pack \`${digest}\`: its bytes have another digest`);
  }

  async #readIndex(call: Call): Promise<Uint8Array | undefined> {
    const entry = await this.#options.api.find({ prefix: prefixOf(this.#options.scope) }, call);
    if (entry === undefined) return undefined;
    const bytes = await readUpTo(await openEntry(this.#options.http, entry, call), MOST_INDEX);
    const value = parseIndex(bytes);
    for (const [digest, place] of Object.entries(value.packed)) {
      if (isDigest(digest) && isPlace(place)) this.#packed.set(digest, place);
    }
    return Buffer.from(value.document);
  }
}

function prefixOf(scope: string): string {
  return `mkimage-cache-1-${encodedOf(digestOf(scope)).slice(0, 16)}-`;
}

function keyOf({ digest }: Pick<Descriptor, 'digest'>): string {
  return `mkimage-blob-1-${encodedOf(digest)}`;
}

function parseIndex(bytes: Buffer): { readonly packed: Record<string, unknown>; readonly document: string } {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (isObject(value) && isObject(value.packed) && typeof value.document === 'string') {
      return { packed: value.packed, document: value.document };
    }
  } catch (cause) {
    throw new MkimageError('invalid-archive', 'read cache: its index is not JSON', { cause });
  }
  throw new MkimageError('invalid-archive', 'read cache: its index has another form');
}

function isPlace(value: unknown): value is Packed {
  return isObject(value) && isDigest(value.pack) && Number.isSafeInteger(value.offset) && Number(value.offset) >= 0;
}

async function readUpTo(stream: Readable, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw new MkimageError('limit', `read cache entry: it has more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
