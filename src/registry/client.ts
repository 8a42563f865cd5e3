/** The `Registry` port over HTTP (distribution-spec). */

import { MkimageError } from '../errors.ts';
import { createBody, type HttpClient, readBeginning } from '../http/index.ts';
import { type Descriptor, digestOf, MEDIA_TYPE, parseDigest, type Reference } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { openBlob } from './blob.ts';
import { checkLogin } from './check-login.ts';
import type { CredentialProvider, Credentials } from './credentials/port.ts';
import { type Endpoint, findEndpoint } from './endpoint.ts';
import type { FetchedManifest, NewManifest, Placement, PutOptions, Registry, Repository } from './index.ts';
import { announcedDescriptor, announcedDigest, parseManifestAnswer } from './manifest-answer.ts';
import { createDeletionRefusal, createPushRefusal, createRefusal } from './registry-error.ts';
import { type Question, RegistrySession } from './session.ts';
import { listPages } from './tags.ts';
import { uploadBlob } from './upload.ts';
import { UploadSession } from './upload-session.ts';

export interface RegistryOptions {
  /** The caller owns it and closes it. */
  readonly http: HttpClient;
  /** Called when a registry asks who the user is; without it all requests are anonymous. */
  readonly credentials?: CredentialProvider | undefined;
  /** Default: the name is the host. */
  readonly findEndpoint?: ((registry: string) => Promise<Endpoint>) | undefined;
}

const MANIFEST_LIMIT = 4 * 1024 * 1024;
const ACCEPTED = [MEDIA_TYPE.index, MEDIA_TYPE.manifest, MEDIA_TYPE.dockerManifestList, MEDIA_TYPE.dockerManifest].join(
  ', ',
);

/** Owns the tokens and the state of each registry. Opens nothing before the first request. */
export class RegistryClient implements Registry {
  readonly #http: HttpClient;
  readonly #credentials: CredentialProvider;
  readonly #findEndpoint: (registry: string) => Promise<Endpoint>;
  readonly #sessions = new Map<string, RegistrySession>();

  constructor(options: RegistryOptions) {
    this.#http = options.http;
    this.#credentials = options.credentials ?? (async () => undefined);
    this.#findEndpoint = options.findEndpoint ?? (async (registry) => findEndpoint(registry));
  }

  async manifest(reference: Reference, call: Call): Promise<FetchedManifest> {
    const what = `fetch manifest of \`${nameOf(reference)}\``;
    const question = askManifest(reference, what);
    const answer = await this.#sessionOf(reference).read({ ...question, mostBytes: MANIFEST_LIMIT }, call);
    if (answer.status !== 200) throw createRefusal(answer, answer.bytes, what);
    return parseManifestAnswer(answer, { wanted: reference.digest, what });
  }

  async checkLogin(registry: string, credentials: Credentials, call: Call): Promise<Credentials> {
    return checkLogin(this.#http, { endpoint: await this.#findEndpoint(registry), credentials }, call);
  }

  async findManifest(reference: Reference, call: Call): Promise<Descriptor | undefined> {
    const what = `find manifest of \`${nameOf(reference)}\``;
    const answer = await this.#sessionOf(reference).ask({ ...askManifest(reference, what), method: 'HEAD' }, call);
    answer.discard();
    if (answer.status === 404) return undefined;
    if (answer.status !== 200 && answer.status !== 405) throw createRefusal(answer, Buffer.alloc(0), what);
    const announced = announcedDescriptor(answer);
    const isWanted = reference.digest === undefined || reference.digest === announced?.digest;
    if (announced !== undefined && isWanted) return announced;
    return (await this.manifest(reference, call)).descriptor;
  }

  async putManifest(reference: Reference, { mediaType, bytes }: NewManifest, call: Call): Promise<Descriptor> {
    const digest = digestOf(bytes);
    const what = `push manifest of \`${nameOf(reference)}\``;
    if (reference.digest !== undefined && reference.digest !== digest) {
      throw createDigestError(what, { expected: reference.digest, found: digest });
    }
    const question: Question = {
      target: `${reference.repository}/manifests/${reference.tag ?? digest}`,
      method: 'PUT',
      headers: { 'content-type': mediaType },
      body: createBody(bytes),
      scope: scopeOf(reference, 'pull,push'),
      what,
    };
    const answer = await this.#sessionOf(reference).ask(question, call);
    if (answer.status >= 300) throw createPushRefusal(answer, await readBeginning(answer), { what, reference });
    answer.discard();
    const announced = announcedDigest(answer) ?? digest;
    if (announced !== digest) throw createDigestError(what, { expected: digest, found: announced });
    return { mediaType, digest, size: bytes.length };
  }

  async deleteManifest(reference: Reference, call: Call): Promise<void> {
    const what = `delete \`${nameOf(reference)}\``;
    const target = `${reference.repository}/manifests/${reference.digest ?? reference.tag ?? 'latest'}`;
    const scope = scopeOf(reference, 'pull,delete');
    const answer = await this.#sessionOf(reference).ask({ target, method: 'DELETE', scope, what }, call);
    if (answer.status < 300) return answer.discard();
    throw createDeletionRefusal(answer, await readBeginning(answer), { what, reference });
  }

  listTags(reference: Reference, call: Call): AsyncIterable<string> {
    const what = `list tags of \`${reference.registry}/${reference.repository}\``;
    const session = this.#sessionOf(reference);
    const read = (target: string | URL) =>
      session.read({ target, scope: scopeOf(reference, 'pull'), what, mostBytes: MANIFEST_LIMIT }, call);
    return listPages({ first: `${reference.repository}/tags/list?n=1000`, what, read });
  }

  async checkPush(reference: Reference, call: Call): Promise<void> {
    const uploads = this.#uploadsTo(reference);
    const open = await uploads.restart(undefined, call);
    await uploads.cancel(open, call).catch((error: unknown) => {
      if (call.signal.aborted) throw error;
    });
  }

  repository(reference: Reference): Repository {
    return {
      open: (blob, call) => this.#openBlob(reference, blob, call),
      has: (blob, call) => this.#hasBlob(reference, blob, call),
      put: (blob, options, call) => this.#putBlob(reference, { ...options, blob }, call),
    };
  }

  async #openBlob(reference: Reference, blob: Descriptor, call: Call) {
    const what = `fetch blob \`${blob.digest}\` of \`${reference.registry}/${reference.repository}\``;
    const target = `${reference.repository}/blobs/${parseDigest(blob.digest)}`;
    const session = this.#sessionOf(reference);
    const get = async (offset: number) => {
      const headers = offset === 0 ? {} : { range: `bytes=${offset}-` };
      // The size comes from the descriptor, so no other limit applies.
      const mostBytes = Number.POSITIVE_INFINITY;
      const answer = await session.ask({ target, headers, scope: scopeOf(reference, 'pull'), what, mostBytes }, call);
      if (answer.status < 300) return answer;
      throw createRefusal(answer, await readBeginning(answer), what);
    };
    return openBlob({ descriptor: blob, what, get, policy: session.retries, call });
  }

  async #hasBlob(reference: Reference, blob: Descriptor, call: Call): Promise<boolean> {
    const what = `find blob \`${blob.digest}\` in \`${reference.registry}/${reference.repository}\``;
    const target = `${reference.repository}/blobs/${parseDigest(blob.digest)}`;
    const question: Question = { target, method: 'HEAD', scope: scopeOf(reference, 'pull,push'), what };
    const answer = await this.#sessionOf(reference).ask(question, call);
    answer.discard();
    // The storage behind a registry may refuse HEAD. Then it is not known whether the blob is there.
    if (answer.status === 404 || (answer.leftOrigin && answer.status >= 400)) return false;
    if (answer.status >= 300) throw createPushRefusal(answer, Buffer.alloc(0), { what, reference });
    return Number(answer.header('content-length') ?? blob.size) === blob.size;
  }

  async #putBlob(
    reference: Reference,
    { blob, ...options }: PutOptions & { readonly blob: Descriptor },
    call: Call,
  ): Promise<Placement> {
    if (options.replace !== true && (await this.#hasBlob(reference, blob, call))) return 'present';
    const session = this.#uploadsTo(reference);
    const upload = () => uploadBlob({ blob, options, session, policy: this.#http.retries }, call);
    return this.#sessionOf(reference).uploads.run(call.signal, upload);
  }

  #uploadsTo(reference: Reference): UploadSession {
    return new UploadSession({ session: this.#sessionOf(reference), http: this.#http, reference });
  }

  #sessionOf({ registry }: Reference): RegistrySession {
    const known = this.#sessions.get(registry);
    if (known !== undefined) return known;
    const own = { http: this.#http, credentials: this.#credentials, findEndpoint: this.#findEndpoint };
    const session = new RegistrySession(registry, own);
    this.#sessions.set(registry, session);
    return session;
  }
}

function askManifest(reference: Reference, what: string): Question {
  const target = `${reference.repository}/manifests/${reference.digest ?? reference.tag ?? 'latest'}`;
  return { target, headers: { accept: ACCEPTED }, scope: scopeOf(reference, 'pull'), what };
}

function scopeOf({ repository }: Reference, actions: 'pull' | 'pull,push' | 'pull,delete'): string {
  return `repository:${repository}:${actions}`;
}

function nameOf({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function createDigestError(
  what: string,
  evidence: { readonly expected: string; readonly found: string },
): MkimageError {
  return new MkimageError('integrity', `${what}: its digest is ${evidence.found}, not ${evidence.expected}`, {
    evidence,
  });
}
