/** The `Registry` port over HTTP (distribution-spec, pull). */
import type { ContentSource } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import {
  type AnswerHead,
  beginningOf,
  type Headers,
  type HttpClient,
  type HttpRequest,
  NO_RETRIES,
} from '../http/index.ts';
import {
  type Descriptor,
  digestOf,
  isDigest,
  isIndexType,
  isManifestType,
  MEDIA_TYPE,
  parseDigest,
  type Reference,
} from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { Authorizer, type CredentialProvider } from './auth.ts';
import { openBlob } from './blob.ts';
import { type Endpoint, endpointOf } from './endpoint.ts';
import type { FetchedManifest, Registry } from './index.ts';
import { isTlsNotAnswered, refusalOf } from './registry-error.ts';
import { REGISTRY_RULES } from './registry-rules.ts';

export interface RegistryOptions {
  /** Stays the caller's: who made it closes it. */
  readonly http: HttpClient;
  /** Asked once per token; without one every registry is asked as nobody. */
  readonly credentials?: CredentialProvider | undefined;
}

const MANIFEST_LIMIT = 4 * 1024 * 1024;
const ACCEPTED = [MEDIA_TYPE.index, MEDIA_TYPE.manifest, MEDIA_TYPE.dockerManifestList, MEDIA_TYPE.dockerManifest].join(
  ', ',
);

/** What is known about one registry while this client lives. */
interface Session {
  readonly endpoint: Endpoint;
  readonly authorizer: Authorizer;
  /** Settled by the first request; only a registry on this machine can end up with `http:`. */
  scheme: Promise<'https:' | 'http:'> | undefined;
}

/** Owns the tokens and what is known of each registry. Costs nothing until the first request. */
export class RegistryClient implements Registry {
  readonly #http: HttpClient;
  readonly #credentials: CredentialProvider;
  readonly #sessions = new Map<string, Session>();

  constructor(options: RegistryOptions) {
    this.#http = options.http;
    this.#credentials = options.credentials ?? (async () => undefined);
  }

  async manifest(reference: Reference, call: Call): Promise<FetchedManifest> {
    const wanted = reference.digest ?? reference.tag ?? 'latest';
    const what = `fetch manifest of \`${nameOf(reference)}\``;
    const question = { path: `manifests/${wanted}`, headers: { accept: ACCEPTED }, what };
    const read = (request: HttpRequest) => this.#http.read({ ...request, mostBytes: MANIFEST_LIMIT }, call);
    const answer = await this.#authorised(reference, question, read, call);
    if (answer.status !== 200) throw refusalOf(answer, answer.bytes, what);
    return manifestIn(answer, answer.bytes, reference, what);
  }

  repository(reference: Reference): ContentSource {
    return {
      open: async (descriptor: Descriptor, call: Call) => {
        const path = `blobs/${parseDigest(descriptor.digest)}`;
        const what = `fetch blob \`${descriptor.digest}\` of \`${reference.registry}/${reference.repository}\``;
        const send = (request: HttpRequest) =>
          // Its descriptor says how long it is.
          this.#http.send({ ...request, mostBytes: Number.POSITIVE_INFINITY }, call);
        const get = async (offset: number) => {
          const question = { path, headers: rangeFrom(offset), what };
          const answer = await this.#authorised(reference, question, send, call);
          if (answer.status < 300) return answer;
          throw refusalOf(answer, await beginningOf(answer), what);
        };
        return openBlob({ descriptor, what, get, policy: this.#http.retries, call });
      },
    };
  }

  /** One authorised GET below `/v2/<repository>/`; a challenge is answered once. */
  async #authorised<T extends AnswerHead & { discard?(): void }>(
    reference: Reference,
    { path, headers, what }: Question,
    ask: (request: HttpRequest) => Promise<T>,
    call: Call,
  ): Promise<T> {
    const session = this.#sessionOf(reference.registry);
    const scheme = await this.#schemeOf(session, call);
    const url = new URL(`${scheme}//${session.endpoint.host}/v2/${reference.repository}/${path}`);
    const scope = `repository:${reference.repository}:pull`;
    const askAs = (authorization: string | undefined) => {
      const all = authorization === undefined ? headers : { ...headers, authorization };
      return ask({ url, headers: all, what, rules: REGISTRY_RULES });
    };
    const sent = await session.authorizer.header(scope, call);
    const answer = await askAs(sent);
    if (answer.status !== 401) return answer;
    const better = await session.authorizer.answer(answer, scope, sent, call);
    if (better === undefined) return answer;
    answer.discard?.();
    return askAs(better);
  }

  #sessionOf(registry: string): Session {
    const known = this.#sessions.get(registry);
    if (known !== undefined) return known;
    const authorizer = new Authorizer({ registry, credentials: this.#credentials, http: this.#http });
    const session: Session = { endpoint: endpointOf(registry), authorizer, scheme: undefined };
    this.#sessions.set(registry, session);
    return session;
  }

  #schemeOf(session: Session, call: Call): Promise<'https:' | 'http:'> {
    if (!session.endpoint.loopback) return Promise.resolve('https:');
    session.scheme ??= this.#probe(session.endpoint.host, call);
    session.scheme.catch(() => {
      session.scheme = undefined;
    });
    return session.scheme;
  }

  async #probe(host: string, call: Call): Promise<'https:' | 'http:'> {
    try {
      const url = new URL(`https://${host}/v2/`);
      const answer = await this.#http.send({ url, rules: REGISTRY_RULES, retries: NO_RETRIES }, call);
      answer.discard();
      call.log?.debug('registry', 'speaks https', { registry: host, status: answer.status });
      return 'https:';
    } catch (error) {
      if (!isTlsNotAnswered(error)) throw error;
      call.log?.debug('registry', 'speaks no TLS: http', { registry: host });
      return 'http:';
    }
  }
}

/** What is asked below a repository. */
interface Question {
  readonly path: string;
  readonly headers: Headers;
  readonly what: string;
}

function rangeFrom(offset: number): Headers {
  return offset === 0 ? {} : { range: `bytes=${offset}-` };
}

function nameOf({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function manifestIn(answer: AnswerHead, bytes: Buffer, reference: Reference, what: string): FetchedManifest {
  const digest = digestOf(bytes);
  const told = answer.header('docker-content-digest');
  const expected = reference.digest ?? (isDigest(told) ? told : undefined);
  if (expected !== undefined && expected !== digest) {
    throw new MkimageError('integrity', `${what}: its digest is ${digest}, not ${expected}`, {
      evidence: { expected, found: digest },
    });
  }
  return { descriptor: { mediaType: mediaTypeIn(answer, bytes, what), digest, size: bytes.length }, bytes };
}

/** The header and the content must not disagree about what this is (CVE-2021-41190). */
function mediaTypeIn(answer: AnswerHead, bytes: Buffer, what: string): string {
  const header = (answer.header('content-type') ?? '').split(';')[0]?.trim() ?? '';
  const own = ownMediaType(bytes, what);
  const mediaType = isIndexType(header) || isManifestType(header) ? header : (own ?? header);
  if (own !== undefined && own !== mediaType) {
    throw new MkimageError('integrity', `${what}: sent as \`${header}\` but calls itself \`${own}\``);
  }
  if (isIndexType(mediaType) || isManifestType(mediaType)) return mediaType;
  throw new MkimageError(
    'unsupported',
    `${what}: media type \`${mediaType.slice(0, 100)}\` is no image manifest or index`,
  );
}

function ownMediaType(bytes: Buffer, what: string): string | undefined {
  try {
    const { mediaType } = JSON.parse(bytes.toString('utf8')) as { mediaType?: unknown };
    return typeof mediaType === 'string' ? mediaType : undefined;
  } catch (error) {
    throw new MkimageError('integrity', `${what}: not JSON`, { cause: error });
  }
}
