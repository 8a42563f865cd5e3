/** The requests of an upload: start, chunk, finish, ask for the offset, give up. */
import { MkimageError } from '../errors.ts';
import { type Answer, type HttpClient, NO_RETRIES, readBeginning } from '../http/index.ts';
import { type Descriptor, parseDigest, type Reference } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { PutOptions } from './index.ts';
import { announcedDigest } from './manifest-answer.ts';
import { createPushRefusal } from './registry-error.ts';
import { REGISTRY_RULES } from './registry-rules.ts';
import type { Question, RegistrySession } from './session.ts';
import { createPartBody } from './upload-body.ts';

/** An upload that the registry has started. */
export interface OpenUpload {
  /** Where the next request goes. */
  readonly location: URL;
  /** The server that named the location. */
  readonly namedBy: URL;
  /** Bytes that the registry has. */
  readonly offset: number;
  /** The smallest chunk that the registry takes. */
  readonly leastChunk: number;
  /** True if it goes on after a failure. */
  readonly isContinued: boolean;
}

export interface Part {
  readonly blob: Descriptor;
  readonly options: PutOptions;
}

export interface UploadSessionOptions {
  readonly session: RegistrySession;
  readonly http: HttpClient;
  readonly reference: Reference;
}

/** Uploads to one repository. */
export class UploadSession {
  readonly #session: RegistrySession;
  readonly #http: HttpClient;
  readonly #reference: Reference;

  constructor({ session, http, reference }: UploadSessionOptions) {
    this.#session = session;
    this.#http = http;
    this.#reference = reference;
  }

  /** Starts an upload, or has the blob mounted from another repository. */
  async start(blob: Descriptor, mountFrom: string | undefined, call: Call): Promise<OpenUpload | 'mounted'> {
    const mounting = mountFrom === undefined ? undefined : await this.#mount(blob, mountFrom, call);
    return mounting ?? this.restart(blob, call);
  }

  async restart(blob: Pick<Descriptor, 'digest'> | undefined, call: Call): Promise<OpenUpload> {
    const what = this.#describe(blob);
    const answer = await this.#ask({ target: this.#path, method: 'POST', repeatable: true, what }, call);
    if (answer.status !== 202) throw await this.#refuse(answer, what);
    return this.#open(answer, what);
  }

  /** Asks how much of an interrupted upload the registry has; undefined if it cannot be continued. */
  async resume(open: OpenUpload, blob: Descriptor, call: Call): Promise<OpenUpload | undefined> {
    const what = this.#describe(blob);
    const answer = await this.#ask({ target: open.location, namedBy: open.namedBy, what }, call);
    answer.discard();
    const offset = readOffset(answer);
    call.log?.debug('registry', 'upload interrupted', { blob: blob.digest, status: answer.status, has: offset });
    // `0-0` means one byte, or none.
    if (answer.status >= 300 || offset === undefined || offset < 2 || offset > blob.size) return undefined;
    const next = this.#findNext(answer, what) ?? { location: open.location, namedBy: open.namedBy };
    return { ...next, offset, leastChunk: open.leastChunk, isContinued: true };
  }

  /** Sends the bytes from the offset to `end`. Returns the upload with the offset that the registry says. */
  async sendChunk(
    open: OpenUpload,
    { blob, options, end }: Part & { readonly end: number },
    call: Call,
  ): Promise<OpenUpload> {
    const what = this.#describe(blob);
    const range = { start: open.offset, end };
    const headers = { 'content-type': BINARY, 'content-range': `${range.start}-${range.end - 1}` };
    const body = createPartBody(blob, { ...options, range }, call);
    const { location: target, namedBy } = open;
    const answer = await this.#ask(
      { target, namedBy, method: 'PATCH', headers, body, what, retries: NO_RETRIES },
      call,
    );
    if (answer.status >= 300) throw await this.#refuse(answer, what);
    answer.discard();
    const offset = readOffset(answer) ?? end;
    if (offset <= range.start || offset > end) {
      throw new MkimageError('registry', `${what}: the registry has ${offset} bytes after ${end} were sent`);
    }
    return { ...open, ...this.#findNext(answer, what), offset };
  }

  /** Ends the upload under the digest; sends all bytes with it if none were sent before. */
  async finish(
    open: OpenUpload,
    { blob, options, isWhole }: Part & { readonly isWhole: boolean },
    call: Call,
  ): Promise<void> {
    const what = this.#describe(blob);
    const body = createPartBody(blob, { ...options, range: { start: isWhole ? 0 : blob.size, end: blob.size } }, call);
    const target = withDigest(open.location, parseDigest(blob.digest));
    const headers = { 'content-type': BINARY };
    const { namedBy } = open;
    const answer = await this.#ask({ target, namedBy, method: 'PUT', headers, body, what, retries: NO_RETRIES }, call);
    if (answer.status >= 300) throw await this.#refuse(answer, what);
    answer.discard();
    checkDigest(answer, blob, what);
  }

  /** Gives up an upload. A registry removes it by itself after some time, so a failure does not matter. */
  async cancel(open: OpenUpload, call: Call): Promise<void> {
    const { location: target, namedBy } = open;
    const answer = await this.#ask(
      { target, namedBy, method: 'DELETE', what: this.#describe(), retries: NO_RETRIES },
      call,
    );
    answer.discard();
  }

  get #path(): string {
    return `${this.#reference.repository}/blobs/uploads/`;
  }

  /** undefined: the registry refuses. The blob is then uploaded. */
  async #mount(blob: Descriptor, from: string, call: Call): Promise<OpenUpload | 'mounted' | undefined> {
    const what = this.#describe(blob);
    const target = `${this.#path}?mount=${encodeURIComponent(parseDigest(blob.digest))}&from=${encodeURIComponent(from)}`;
    const scope = `${this.#scope} repository:${from}:pull`;
    const answer = await this.#ask({ target, method: 'POST', repeatable: true, what, scope }, call);
    call.log?.debug('registry', 'mount requested', { blob: blob.digest, from, status: answer.status });
    if (answer.status === 202) return this.#open(answer, what);
    answer.discard();
    if (answer.status !== 201) return undefined;
    checkDigest(answer, blob, what);
    return 'mounted';
  }

  get #scope(): string {
    return `repository:${this.#reference.repository}:pull,push`;
  }

  #describe(blob?: Pick<Descriptor, 'digest'>): string {
    const { registry, repository } = this.#reference;
    return blob === undefined
      ? `push to \`${registry}/${repository}\``
      : `upload blob \`${blob.digest}\` to \`${registry}/${repository}\``;
  }

  #ask(question: Omit<Question, 'scope'> & { readonly scope?: string }, call: Call): Promise<Answer> {
    return this.#session.ask({ scope: this.#scope, ...question }, call);
  }

  async #refuse(answer: Answer, what: string): Promise<MkimageError> {
    return createPushRefusal(answer, await readBeginning(answer), { what, reference: this.#reference });
  }

  #open(answer: Answer, what: string): OpenUpload {
    answer.discard();
    const next = this.#findNext(answer, what);
    if (next === undefined)
      throw new MkimageError('registry', `${what}: the registry names no location for the upload`);
    const least = Number(answer.header('oci-chunk-min-length') ?? 0);
    return { ...next, offset: 0, leastChunk: Number.isSafeInteger(least) ? least : 0, isContinued: false };
  }

  /** The next location, by the same rules as redirects; undefined if the answer has none. */
  #findNext(answer: Answer, what: string): Pick<OpenUpload, 'location' | 'namedBy'> | undefined {
    const location = answer.header('location');
    if (location === undefined) return undefined;
    const rules = { ...REGISTRY_RULES, describe: () => what };
    return { location: this.#http.resolveTarget(answer.url, location, rules), namedBy: answer.url };
  }
}

const BINARY = 'application/octet-stream';

/** Bytes that the registry has, from `Range: 0-999`. */
function readOffset(answer: Answer): number | undefined {
  const match = /^(?:bytes[= ])?0-(\d{1,15})$/.exec(answer.header('range') ?? '');
  return match === null ? undefined : Number(match[1]) + 1;
}

/** Appends the digest and leaves the rest of the query as it is, because it may be signed. */
function withDigest(location: URL, digest: string): URL {
  const url = new URL(location);
  url.search += `${url.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
  return url;
}

function checkDigest(answer: Answer, { digest }: Descriptor, what: string): void {
  const found = announcedDigest(answer);
  if (found === undefined || found === digest) return;
  throw new MkimageError('integrity', `${what}: the registry answers with the digest ${found}`, {
    evidence: { expected: digest, found },
  });
}
