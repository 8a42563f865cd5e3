/** The pages of a list of tags (distribution-spec, "Listing Tags"). */
import { MkimageError } from '../errors.ts';
import type { WholeAnswer } from '../http/index.ts';
import { createRefusal } from './registry-error.ts';

export interface PagesOptions {
  readonly first: string;
  readonly what: string;
  readonly read: (target: string | URL) => Promise<WholeAnswer>;
}

const MOST_PAGES = 10_000;

export async function* listPages({ first, what, read }: PagesOptions): AsyncGenerator<string> {
  let target: string | URL | undefined = first;
  for (let pages = 1; target !== undefined; pages++) {
    if (pages > MOST_PAGES) throw new MkimageError('limit', `${what}: more than ${MOST_PAGES} pages`);
    const answer: WholeAnswer = await read(target);
    if (answer.status !== 200) throw createRefusal(answer, answer.bytes, what);
    yield* parseTags(answer, what);
    target = findNext(answer, what);
  }
}

function parseTags({ bytes }: WholeAnswer, what: string): readonly string[] {
  const { tags } = parseObject(bytes) ?? {};
  // docker-registry writes null for a repository whose tags were all deleted.
  if (tags === null) return [];
  if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string' && TAG.test(tag))) return tags;
  throw new MkimageError('registry', `${what}: the answer is not a list of tags`);
}

const TAG = /^\w[\w.-]{0,127}$/;

function parseObject(bytes: Buffer): { readonly tags?: unknown } | undefined {
  try {
    return JSON.parse(bytes.toString('utf8')) ?? undefined;
  } catch {
    return undefined;
  }
}

/** The address of the next page, from `Link: </v2/…>; rel="next"`. It must be at the same server. */
function findNext(answer: WholeAnswer, what: string): URL | undefined {
  const links = answer.headers('link').flatMap((value) => value.split(/,(?=\s*<)/));
  const next = links.map((link) => /^\s*<([^>]*)>\s*;.*\brel="?next"?/i.exec(link)?.[1]).find((link) => link);
  if (next === undefined) return undefined;
  const url = URL.canParse(next, answer.url.href) ? new URL(next, answer.url) : undefined;
  if (url !== undefined && url.origin === answer.url.origin && url.href !== answer.url.href) return url;
  throw new MkimageError('registry', `${what}: the address of the next page is not of this registry`);
}
