/** The caches of `--cache-from`: their documents are read once, when the first step misses in the local cache. */
import { isMkimageError, MkimageError } from '../../errors.ts';
import type { Digest } from '../../oci/index.ts';
import type { Call, StepId } from '../../progress.ts';
import type { CacheKey } from '../key.ts';
import type { CacheRecord } from '../record.ts';
import {
  decodeDocument,
  EMPTY_DOCUMENT as EMPTY,
  type SharedDocument,
  type SharedForm,
  type SharedMount,
} from './document.ts';
import type { SharedSource } from './index.ts';

/** A record of another machine, and the source that has the bytes of its layer. */
export interface SharedHit {
  readonly record: CacheRecord;
  readonly from: SharedSource;
  /** undefined: the step changed nothing. */
  readonly form: SharedForm | undefined;
}

/** Files of a cache mount in a source. */
export interface FoundMount {
  readonly mount: SharedMount;
  readonly from: SharedSource;
  readonly forms: SharedDocument['forms'];
}

export interface PatientSource {
  readonly source: SharedSource;
  /** How long its document may take, in milliseconds. */
  readonly patienceMs: number;
}

interface LoadedSource {
  readonly source: SharedSource;
  readonly document: SharedDocument;
  readonly byKey: ReadonlyMap<CacheKey, CacheRecord>;
}

/**
 * Owns the documents. A source that cannot be read in time is a warning, and counts as empty. Sources are asked in their order. What
 * turns out to be damaged or unreachable is dropped with `dropLayer` and `dropSource`, and is a miss from then on.
 */
export class SharedSources {
  readonly #sources: readonly PatientSource[];
  readonly #lostLayers = new Set<string>();
  readonly #lostSources = new Set<SharedSource>();
  #loaded: Promise<readonly LoadedSource[]> | undefined;

  constructor(sources: readonly PatientSource[]) {
    this.#sources = sources;
  }

  /** Looks up several keys in all sources. Returns the first record that is there with its layer. */
  async lookup(keys: readonly CacheKey[], call: Call): Promise<SharedHit | undefined> {
    for (const { source, document, byKey } of await this.#all(call)) {
      for (const key of keys) {
        const record = byKey.get(key);
        const diffId = record?.layer?.diffId;
        if (record === undefined || (diffId !== undefined && this.#lostLayers.has(lostKey(source, diffId)))) continue;
        return { record, from: source, form: diffId === undefined ? undefined : document.forms.get(diffId) };
      }
    }
    return undefined;
  }

  /** Returns the record of the last build that wrote a cache, for the same place in the build file. */
  async previous(place: string, call: Call): Promise<CacheRecord | undefined> {
    for (const { document } of await this.#all(call)) {
      const found = document.records.find((each) => each.place === place);
      if (found !== undefined) return found.record;
    }
    return undefined;
  }

  async readListing(digest: Digest, call: Call): Promise<string | undefined> {
    for (const { document } of await this.#all(call)) {
      const text = document.listings.get(digest);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  async findMount(key: string, call: Call): Promise<FoundMount | undefined> {
    for (const { source, document } of await this.#all(call)) {
      const mount = document.mounts.find((each) => each.key === key);
      if (mount !== undefined) return { mount, from: source, forms: document.forms };
    }
    return undefined;
  }

  /** The layers that sources have, by diffId: an export to the same place need not have their bytes. */
  async forms(call: Call): Promise<ReadonlyMap<Digest, SharedForm & { readonly size: number }>> {
    return new Map((await this.#all(call)).flatMap(({ document }) => [...document.forms]));
  }

  dropLayer(source: SharedSource, diffId: Digest): void {
    this.#lostLayers.add(lostKey(source, diffId));
  }

  dropSource(source: SharedSource): void {
    this.#lostSources.add(source);
  }

  async #all(call: Call): Promise<readonly LoadedSource[]> {
    this.#loaded ??= Promise.all(this.#sources.map((each, index) => this.#load(each, `cache-from/${index}`, call)));
    return (await this.#loaded).filter(({ source }) => !this.#lostSources.has(source));
  }

  async #load({ source, patienceMs }: PatientSource, step: StepId, call: Call): Promise<LoadedSource> {
    call.report({ type: 'step-started', step, name: `importing cache from ${source.title}` });
    try {
      const document = await readSource(source, patienceMs, call);
      const byKey = new Map(document.records.flatMap(({ keys, record }) => keys.map((key) => [key, record] as const)));
      call.report({ type: 'step-finished', step });
      call.log?.debug('cache', 'records read', { from: source.title, records: document.records.length });
      return { source, document, byKey };
    } catch (error) {
      call.report({ type: 'step-failed', step, error: messageOf(error) });
      if (call.signal.aborted) throw new MkimageError('cancelled', 'cancelled', { cause: call.signal.reason });
      call.report(noticeOf(source, error));
      return { source, document: EMPTY, byKey: new Map() };
    }
  }
}

async function readSource(source: SharedSource, patienceMs: number, call: Call): Promise<SharedDocument> {
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(patienceMs)]);
  const bytes = await source.readDocument({ ...call, signal });
  return bytes === undefined ? EMPTY : decodeDocument(bytes);
}

function lostKey(source: SharedSource, diffId: Digest): string {
  return `${source.title} ${diffId}`;
}

/** A cache of another program is no problem of the user's: one line says why nothing of it is used. */
function noticeOf(source: SharedSource, error: unknown) {
  const what = `cache from ${source.title} is not used`;
  if (isMkimageError(error, 'unsupported')) return { type: 'note', message: `${what}: ${error.message}` } as const;
  if (isMkimageError(error, 'cancelled'))
    return { type: 'warning', message: `${what}: it did not answer in time` } as const;
  return { type: 'warning', message: `${what}: ${messageOf(error)}` } as const;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
