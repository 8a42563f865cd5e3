/** A shared cache in an S3 bucket: blobs and manifests as objects, with the prefixes of BuildKit. */
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { AwsV4Signer } from 'aws4fetch';
import { isMkimageError, MkimageError } from '../../errors.ts';
import type { Answer, HttpClient, Method } from '../../http/index.ts';
import { type Descriptor, digestOf, encodedOf, MAX_JSON_BYTES } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import type { BlobContent, Publication, SharedStorage } from './index.ts';
import { createCacheManifest, describeDocument, requireDocument } from './manifest.ts';
import { readBlob } from './read-blob.ts';
import { contentOf, sendRequest, type WebContent } from './web.ts';

export interface BucketOptions {
  readonly http: HttpClient;
  readonly bucket: string;
  readonly region: string;
  /** undefined: Amazon's for the region. */
  readonly endpoint: string | undefined;
  readonly usePathStyle: boolean;
  readonly blobsPrefix: string;
  readonly manifestsPrefix: string;
  readonly names: readonly string[];
  /** undefined: requests are not signed. */
  readonly credentials:
    | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string | undefined }
    | undefined;
}

/** S3 takes no more in one request. */
const MOST_BYTES = 5 * 2 ** 30;
const EMPTY_DIGEST = encodedOf(digestOf(''));

interface ObjectRequest {
  readonly method: Method;
  readonly key: string;
  readonly content?: WebContent & { readonly sha256: string };
  readonly accepted?: readonly number[];
}

export class BucketStorage implements SharedStorage {
  readonly title: string;
  readonly #options: BucketOptions;

  constructor(options: BucketOptions) {
    this.#options = options;
    this.title = `bucket \`${options.bucket}\``;
  }

  async readDocument(call: Call): Promise<Uint8Array | undefined> {
    const [name] = this.#options.names;
    const key = this.#options.manifestsPrefix + name;
    const answer = await this.#send({ method: 'GET', key, accepted: [404] }, call);
    if (answer.status === 404) {
      answer.discard();
      return undefined;
    }
    const manifest = await readSmall(answer);
    refuseBuildKit(manifest);
    return readBlob(this, requireDocument(manifest), call);
  }

  async open(blob: Descriptor, call: Call): Promise<Readable> {
    return (await this.#send({ method: 'GET', key: this.#keyOf(blob) }, call)).body;
  }

  async has(blob: Descriptor, call: Call): Promise<boolean> {
    const answer = await this.#send({ method: 'HEAD', key: this.#keyOf(blob), accepted: [404] }, call);
    answer.discard();
    return answer.status === 200 && Number(answer.header('content-length')) === blob.size;
  }

  async put({ blob, open }: BlobContent, call: Call): Promise<void> {
    if (blob.size > MOST_BYTES) {
      throw new MkimageError(
        'limit',
        `write cache blob \`${blob.digest}\`: a bucket takes at most ${MOST_BYTES} bytes`,
      );
    }
    const content = { length: blob.size, open, sha256: encodedOf(blob.digest) };
    (await this.#send({ method: 'PUT', key: this.#keyOf(blob), content }, call)).discard();
  }

  async publish({ document, blobs }: Publication, call: Call): Promise<void> {
    const config = describeDocument(document);
    await this.put({ blob: config, open: contentOf(document).open }, call);
    const { bytes, descriptor } = createCacheManifest({ document: config, blobs });
    const content = { ...contentOf(bytes), sha256: encodedOf(descriptor.digest) };
    for (const name of this.#options.names) {
      (await this.#send({ method: 'PUT', key: this.#options.manifestsPrefix + name, content }, call)).discard();
    }
  }

  #keyOf({ digest }: Pick<Descriptor, 'digest'>): string {
    return this.#options.blobsPrefix + digest;
  }

  async #send({ method, key, content, accepted = [] }: ObjectRequest, call: Call): Promise<Answer> {
    const url = this.#urlOf(key);
    const headers = await this.#sign(method, url, content?.sha256 ?? EMPTY_DIGEST);
    const what = `${method === 'PUT' ? 'write' : 'read'} \`${key}\` of ${this.title}`;
    const request = { url, method, headers, what, accepted, ...(content === undefined ? {} : { content }) };
    return sendRequest(this.#options.http, request, call);
  }

  #urlOf(key: string): URL {
    const { bucket, region, usePathStyle } = this.#options;
    const url = new URL(this.#options.endpoint ?? `https://s3.${region}.amazonaws.com`);
    const path = key.split('/').map(encodeURIComponent).join('/');
    const base = url.pathname.replace(/\/$/, '');
    url.pathname = `${base}/${usePathStyle ? `${bucket}/` : ''}${path}`;
    if (!usePathStyle) url.hostname = `${bucket}.${url.hostname}`;
    return url;
  }

  async #sign(method: Method, url: URL, sha256: string): Promise<Record<string, string>> {
    const { credentials, region } = this.#options;
    const headers = { 'x-amz-content-sha256': sha256 };
    if (credentials === undefined) return headers;
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const identity = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
    const signer = new AwsV4Signer({ ...identity, method, url: url.href, service: 's3', region, headers });
    const signed = await signer.sign();
    return Object.fromEntries(signed.headers);
  }
}

async function readSmall(answer: Answer): Promise<Buffer> {
  if (Number(answer.header('content-length') ?? 0) <= MAX_JSON_BYTES) return buffer(answer.body);
  answer.discard();
  throw new MkimageError('limit', `read cache: its manifest is larger than ${MAX_JSON_BYTES} bytes`);
}

/** BuildKit writes its records under such a name. */
function refuseBuildKit(manifest: Buffer): void {
  const value = readJson(manifest);
  if (typeof value !== 'object' || value === null || !('records' in value)) return;
  throw new MkimageError('unsupported', 'it was written by BuildKit, whose keys mkimage cannot compare', {
    hint: 'give mkimage another `name`',
  });
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    if (isMkimageError(cause)) throw cause;
    throw new MkimageError('invalid-archive', 'read cache: its manifest is not JSON', { cause });
  }
}
