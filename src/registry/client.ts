/** The `Registry` port over HTTP (distribution-spec, pull). */
import type { ContentSource } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
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
import { type FollowedAnswer, getFollowing } from './redirect.ts';
import { isTlsNotAnswered, networkErrorOf, refusalOf } from './registry-error.ts';
import { RETRIES, type RetryPolicy, withRetries } from './retry.ts';
import { type Exchange, Transport, type TransportOptions } from './transport.ts';

export interface RegistryOptions extends TransportOptions {
  /** Asked once per token; without one every registry is asked as nobody. */
  readonly credentials?: CredentialProvider | undefined;
  readonly retries?: RetryPolicy | undefined;
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

/** Owns the connections, tokens and what is known of each registry. Costs nothing until the first request. */
export class RegistryClient implements Registry, AsyncDisposable {
  readonly #transport: Transport;
  readonly #credentials: CredentialProvider;
  readonly #retries: RetryPolicy;
  readonly #sessions = new Map<string, Session>();

  constructor(options: RegistryOptions) {
    this.#transport = new Transport(options);
    this.#credentials = options.credentials ?? (async () => undefined);
    this.#retries = options.retries ?? RETRIES;
  }

  async manifest(reference: Reference, call: Call): Promise<FetchedManifest> {
    const wanted = reference.digest ?? reference.tag ?? 'latest';
    const what = `fetch manifest of \`${nameOf(reference)}\``;
    return withRetries(
      async () => {
        const answer = await this.#get(reference, `manifests/${wanted}`, { accept: ACCEPTED }, call);
        if (answer.status !== 200) throw await refusalOf(answer, what);
        return manifestIn(answer, await wholeBody(answer, what), reference, what);
      },
      this.#retries,
      call,
    );
  }

  repository(reference: Reference): ContentSource {
    return {
      open: async (descriptor: Descriptor, call: Call) => {
        const path = `blobs/${parseDigest(descriptor.digest)}`;
        const what = `fetch blob \`${descriptor.digest}\` of \`${reference.registry}/${reference.repository}\``;
        const get = (offset: number) =>
          withRetries(() => this.#getWhole(reference, path, rangeFrom(offset), what, call), this.#retries, call);
        return openBlob({ descriptor, what, get, policy: this.#retries, call });
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]();
  }

  /** Like `#get`, with refusals thrown, so that those which pass are tried again. */
  async #getWhole(
    reference: Reference,
    path: string,
    headers: Headers,
    what: string,
    call: Call,
  ): Promise<FollowedAnswer> {
    const answer = await this.#get(reference, path, headers, call);
    if (answer.status >= 300) throw await refusalOf(answer, what);
    return answer;
  }

  /** One authorised GET below `/v2/<repository>/`; a challenge is answered once. */
  async #get(reference: Reference, path: string, headers: Headers, call: Call): Promise<FollowedAnswer> {
    const session = this.#sessionOf(reference.registry);
    const scheme = await this.#schemeOf(session, call);
    const url = new URL(`${scheme}//${session.endpoint.host}/v2/${reference.repository}/${path}`);
    const scope = `repository:${reference.repository}:pull`;
    const send = (authorization: string | undefined) => {
      const all = authorization === undefined ? headers : { ...headers, authorization };
      return getFollowing(this.#transport, { url, headers: all, reach: 'local', signal: call.signal });
    };

    const sent = await session.authorizer.header(scope, call);
    const answer = await send(sent);
    if (answer.status !== 401) return answer;
    const better = await session.authorizer.answer(answer, scope, sent, call);
    if (better === undefined) return answer;
    answer.discard();
    return send(better);
  }

  #sessionOf(registry: string): Session {
    const known = this.#sessions.get(registry);
    if (known !== undefined) return known;
    const get = (exchange: Exchange) => getFollowing(this.#transport, exchange);
    const reach = (from: URL, to: URL) => this.#transport.reach(from, to);
    const authorizer = new Authorizer({ registry, credentials: this.#credentials, get, reach });
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
      const answer = await this.#transport.get({ url, headers: {}, reach: 'local', signal: call.signal });
      answer.discard();
      return 'https:';
    } catch (error) {
      if (isTlsNotAnswered(error)) return 'http:';
      throw error;
    }
  }
}

type Headers = Readonly<Record<string, string>>;

function rangeFrom(offset: number): Headers {
  return offset === 0 ? {} : { range: `bytes=${offset}-` };
}

function nameOf({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

async function wholeBody(answer: FollowedAnswer, what: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > MANIFEST_LIMIT) throw new MkimageError('limit', `${what}: larger than ${MANIFEST_LIMIT} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw networkErrorOf(error, answer.url);
  }
  return Buffer.concat(chunks);
}

function manifestIn(answer: FollowedAnswer, bytes: Buffer, reference: Reference, what: string): FetchedManifest {
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
function mediaTypeIn(answer: FollowedAnswer, bytes: Buffer, what: string): string {
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
