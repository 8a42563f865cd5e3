import { createMemoryContent } from '../../src/content/index.ts';
import { MkimageError } from '../../src/errors.ts';
import { type Descriptor, type Digest, MEDIA_TYPE } from '../../src/oci/index.ts';
import { findByDigest } from '../../src/store/find-by-digest.ts';
import { collectGarbage } from '../../src/store/gc.ts';
import type { BlobFiles, Collect, Freed, Store, StoredForm } from '../../src/store/index.ts';
import { type Ref, withNames, withoutDangling, withoutName } from '../../src/store/refs.ts';

/** A store that has no files and forgets everything with the process. Kept honest by the contract suite. */
export type MemoryStore = Omit<Store, keyof BlobFiles>;

export function memoryStore(): MemoryStore {
  const content = createMemoryContent();
  const forms = new Map<Digest, readonly StoredForm[]>();
  const leases = new Leases();
  let refs: readonly Ref[] = [];

  const edit = (changed: readonly Ref[]): void => {
    refs = changed;
  };
  const holds = ({ digest, size }: Pick<Descriptor, 'digest' | 'size'>) => content.blobs.get(digest)?.length === size;
  const list: Store['list'] = () =>
    refs.flatMap(({ name, target }) => (target === undefined ? [] : [{ name, target }]));
  const blobs = () => [...content.blobs].map(([digest, { length }]) => ({ digest, size: length, diskBytes: length }));
  const formsOf = (diffId: Digest): readonly StoredForm[] => {
    const held = (forms.get(diffId) ?? []).filter(({ blob }) => holds(blob));
    const size = content.blobs.get(diffId)?.length;
    if (size === undefined || held.some(({ blob }) => blob.digest === diffId)) return held;
    const blob = { mediaType: MEDIA_TYPE.layer, digest: diffId, size };
    return [{ compression: 'uncompressed', blob, recipe: 'uncompressed' }, ...held];
  };
  const readSmall = (descriptor: Descriptor): Uint8Array => {
    const bytes = content.blobs.get(descriptor.digest);
    if (bytes?.length === descriptor.size) return bytes;
    throw new MkimageError('not-found', `read blob: ${descriptor.digest} is not in the store`);
  };
  const collect: Collect = async (keep): Promise<Freed> =>
    collectGarbage(
      {
        roots: list().map(({ target }) => target),
        readSmall,
        blobs,
        remove: content.remove,
        layersWithForms: () => [...forms.keys()],
        formsOf,
        dropForms: (diffId) => void forms.delete(diffId),
      },
      keep,
    );
  const exclusively: Store['exclusively'] = (work, waitMs = 30_000) => leases.exclude(waitMs, () => work(collect));

  return {
    open: content.open,
    has: async (descriptor) => holds(descriptor),
    put: async (descriptor, bytes, call) => {
      if (!holds(descriptor)) return content.put(descriptor, bytes, call);
      bytes.destroy();
    },
    create: content.create,
    readSmall,
    putSmall: content.add,
    removeIfDamaged: async (digest) => content.blobs.get(digest) === undefined,
    resolve: (name) => list().find((image) => image.name === name) ?? findByDigest(list(), name),
    list,
    tag: async (names, target) => edit(withNames(refs, names, target)),
    untag: async (name, { keepDangling }) => edit(withoutName(refs, name, keepDangling)),
    removeDangling: async (digest) => edit(withoutDangling(refs, digest)),
    isIndexSound: () => true,
    repairIndex: async () => {},
    formsOf,
    addForm: (diffId, form) => {
      const others = (forms.get(diffId) ?? []).filter(
        ({ recipe, blob }) => recipe !== form.recipe && blob.digest !== form.blob.digest,
      );
      forms.set(diffId, [...others, form]);
    },
    blobs,
    collect: ({ keep, waitMs }) => exclusively((work) => work(keep), waitMs),
    exclusively,
    lease: () => leases.take(),
  };
}

/** Many holders at once, or one who excludes them. */
class Leases {
  #held = 0;
  #isExcluded = false;

  async take(): Promise<AsyncDisposable> {
    while (this.#isExcluded) await turn();
    this.#held++;
    return { [Symbol.asyncDispose]: async () => void this.#held-- };
  }

  async exclude<T>(waitMs: number, work: () => Promise<T>): Promise<T> {
    for (const end = performance.now() + waitMs; this.#held > 0 || this.#isExcluded; await turn()) {
      if (performance.now() >= end) throw new MkimageError('in-use', 'the store is in use');
    }
    this.#isExcluded = true;
    try {
      return await work();
    } finally {
      this.#isExcluded = false;
    }
  }
}

function turn(): Promise<void> {
  return new Promise((next) => setTimeout(next, 1));
}
