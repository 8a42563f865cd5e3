/** Requests of caches that are web services. */
import { Readable } from 'node:stream';
import { MkimageError } from '../../errors.ts';
import {
  type Answer,
  cleanText,
  evidenceOf,
  type Headers,
  type HttpClient,
  type HttpRules,
  type Method,
  type RetryPolicy,
  readBeginning,
} from '../../http/index.ts';
import type { Call } from '../../progress.ts';

/** The user names the service, which may be in any network. */
const RULES: HttpRules = {
  code: 'network',
  describe: (url) => `reach \`${url.host}\``,
  reach: 'as-sender',
  plainHttp: 'anywhere',
};

/** A cache that is busy is not worth long waits. */
const RETRIES: RetryPolicy = { retries: 2, firstDelay: 250, longestDelay: 5000 };

export interface WebContent {
  readonly length: number;
  readonly open: () => Promise<Readable>;
}

export interface WebRequest {
  readonly url: URL;
  /** First part of error messages. */
  readonly what: string;
  readonly method?: Method;
  readonly headers?: Headers;
  readonly content?: WebContent;
}

/** Sends a request. Returns the answer, whose body must be read or discarded, if its status is below 400 or in `accepted`. */
export async function sendRequest(
  http: HttpClient,
  {
    url,
    what,
    method = 'GET',
    headers = {},
    content,
    accepted = [],
  }: WebRequest & { readonly accepted?: readonly number[] },
  call: Call,
): Promise<Answer> {
  const body = content === undefined ? {} : { body: { length: content.length, replayable: true, open: content.open } };
  const answer = await http.send(
    {
      ...{ url, what, method, headers, rules: RULES, retries: RETRIES, mostBytes: Number.POSITIVE_INFINITY },
      ...body,
      repeatable: true,
    },
    call,
  );
  if (answer.status < 400 || accepted.includes(answer.status)) return answer;
  throw createRefusal(answer, await readBeginning(answer), what);
}

/** Sends a request whose answer does not matter. */
export async function sendOnly(http: HttpClient, request: WebRequest, call: Call): Promise<void> {
  (await sendRequest(http, request, call)).discard();
}

function createRefusal(answer: Answer, body: Buffer, what: string): MkimageError {
  const { status } = answer;
  const said = /<Message>([^<]{1,200})|"(?:message|msg)":\s*"([^"]{1,200})/i.exec(body.toString('utf8'));
  const detail = said === null ? '' : `${cleanText(said[1] ?? said[2] ?? '')} `;
  const message = `${what}: ${detail}${detail === '' ? `status ${status}` : `(status ${status})`}`;
  return new MkimageError(status === 404 ? 'not-found' : 'registry', message, { evidence: evidenceOf(answer) });
}

export function contentOf(bytes: Uint8Array): WebContent {
  return { length: bytes.length, open: async () => Readable.from([bytes], { objectMode: false }) };
}
