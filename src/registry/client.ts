/** The `Registry` port over HTTP (distribution-spec, pull). */
import type { ContentSource } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import {
  type AnswerHead,
  type Headers,
  type HttpClient,
  type HttpRequest,
  NO_RETRIES,
  readBeginning,
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
import { type Endpoint, findEndpoint } from './endpoint.ts';
import type { FetchedManifest, Registry } from './index.ts';
import { createRefusal, isTlsNotAnswered } from './registry-error.ts';
import { REGISTRY_RULES } from './registry-rules.ts';

export interface RegistryOptions {
  /** The caller owns it and closes it. */
  readonly http: HttpClient;
  /** Called once per token; without it all requests are anonymous. */
  readonly credentials?: CredentialProvider | undefined;
}

const MANIFEST_LIMIT = 4 * 1024 * 1024;
const ACCEPTED = [MEDIA_TYPE.index, MEDIA_TYPE.manifest, MEDIA_TYPE.dockerManifestList, MEDIA_TYPE.dockerManifest].join(
  ', ',
);

/** What this client knows about one registry. */
interface Session {
  readonly endpoint: Endpoint;
  readonly authorizer: Authorizer;
  /** Set by the first request. Only a registry on this machine can have `http:`. */
  scheme: Promise<'https:' | 'http:'> | undefined;
}

/** Owns the tokens and the state of each registry. Opens nothing before the first request. */
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
    const answer = await this.#askAuthorised(reference, question, read, call);
    if (answer.status !== 200) throw createRefusal(answer, answer.bytes, what);
    return parseManifestAnswer(answer, answer.bytes, reference, what);
  }

  repository(reference: Reference): ContentSource {
    return {
      open: async (descriptor: Descriptor, call: Call) => {
        const path = `blobs/${parseDigest(descriptor.digest)}`;
        const what = `fetch blob \`${descriptor.digest}\` of \`${reference.registry}/${reference.repository}\``;
        const send = (request: HttpRequest) =>
          // The size comes from the descriptor, so no other limit applies.
          this.#http.send({ ...request, mostBytes: Number.POSITIVE_INFINITY }, call);
        const get = async (offset: number) => {
          const question = { path, headers: createRange(offset), what };
          const answer = await this.#askAuthorised(reference, question, send, call);
          if (answer.status < 300) return answer;
          throw createRefusal(answer, await readBeginning(answer), what);
        };
        return openBlob({ descriptor, what, get, policy: this.#http.retries, call });
      },
    };
  }

  /** Sends an authorised GET below `/v2/<repository>/`. Answers one challenge. */
  async #askAuthorised<T extends AnswerHead & { discard?(): void }>(
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
    const session: Session = { endpoint: findEndpoint(registry), authorizer, scheme: undefined };
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

/** A request below `/v2/<repository>/`. */
interface Question {
  readonly path: string;
  readonly headers: Headers;
  readonly what: string;
}

function createRange(offset: number): Headers {
  return offset === 0 ? {} : { range: `bytes=${offset}-` };
}

function nameOf({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function parseManifestAnswer(answer: AnswerHead, bytes: Buffer, reference: Reference, what: string): FetchedManifest {
  const digest = digestOf(bytes);
  const announced = answer.header('docker-content-digest');
  const expected = reference.digest ?? (isDigest(announced) ? announced : undefined);
  if (expected !== undefined && expected !== digest) {
    throw new MkimageError('integrity', `${what}: its digest is ${digest}, not ${expected}`, {
      evidence: { expected, found: digest },
    });
  }
  return { descriptor: { mediaType: findMediaType(answer, bytes, what), digest, size: bytes.length }, bytes };
}

/** The media type. The header and the content must agree about it (CVE-2021-41190). */
function findMediaType(answer: AnswerHead, bytes: Buffer, what: string): string {
  const header = (answer.header('content-type') ?? '').split(';')[0]?.trim() ?? '';
  const own = readOwnMediaType(bytes, what);
  const mediaType = isIndexType(header) || isManifestType(header) ? header : (own ?? header);
  if (own !== undefined && own !== mediaType) {
    throw new MkimageError('integrity', `${what}: the header says \`${header}\` but the content says \`${own}\``);
  }
  if (isIndexType(mediaType) || isManifestType(mediaType)) return mediaType;
  throw new MkimageError(
    'unsupported',
    `${what}: media type \`${mediaType.slice(0, 100)}\` is not an image manifest or index`,
  );
}

function readOwnMediaType(bytes: Buffer, what: string): string | undefined {
  try {
    const { mediaType } = JSON.parse(bytes.toString('utf8')) as { mediaType?: unknown };
    return typeof mediaType === 'string' ? mediaType : undefined;
  } catch (error) {
    throw new MkimageError('integrity', `${what}: not JSON`, { cause: error });
  }
}
