/** Credentials for private sources of a build, from secrets with the names that BuildKit uses. */
import type { GitSsh } from '../context/index.ts';
import { MkimageError } from '../errors.ts';
import { isLoopbackHost } from '../http/index.ts';
import type { Call } from '../progress.ts';

/** What a build was given for its sources. */
export interface SourceSecrets {
  /** Returns undefined if the build has no such secret. */
  secret(id: string, call: Call): Promise<Uint8Array | undefined>;
  /** What logs in by ssh. Throws `usage`. */
  ssh(): GitSsh | undefined;
}

interface Candidate {
  readonly id: string;
  readonly kind: 'header' | 'git-token' | 'token';
  /** True if the secret is for this host, not for all. */
  readonly isOwn: boolean;
}

/** The `Authorization` for a repository: `GIT_AUTH_HEADER` or `GIT_AUTH_TOKEN`, first with `.host` after it. */
export function findGitAuthorization(url: URL, secrets: SourceSecrets, call: Call): Promise<string | undefined> {
  const candidates: readonly Candidate[] = [
    { id: `GIT_AUTH_HEADER.${url.host}`, kind: 'header', isOwn: true },
    { id: `GIT_AUTH_TOKEN.${url.host}`, kind: 'git-token', isOwn: true },
    { id: 'GIT_AUTH_HEADER', kind: 'header', isOwn: false },
    { id: 'GIT_AUTH_TOKEN', kind: 'git-token', isOwn: false },
  ];
  return findFirst(candidates, url, { secrets, call });
}

/** The `Authorization` for a file: `HTTP_AUTH_HEADER_host` or `HTTP_AUTH_TOKEN_host`. */
export function findHttpAuthorization(url: URL, secrets: SourceSecrets, call: Call): Promise<string | undefined> {
  const candidates: readonly Candidate[] = [
    { id: `HTTP_AUTH_HEADER_${url.host}`, kind: 'header', isOwn: true },
    { id: `HTTP_AUTH_TOKEN_${url.host}`, kind: 'token', isOwn: true },
  ];
  return findFirst(candidates, url, { secrets, call });
}

async function findFirst(
  candidates: readonly Candidate[],
  url: URL,
  { secrets, call }: { readonly secrets: SourceSecrets; readonly call: Call },
): Promise<string | undefined> {
  // A secret for all hosts must not be readable on the network because a build file names a plain http URL.
  const isSafe = url.protocol === 'https:' || isLoopbackHost(url.hostname);
  for (const candidate of candidates.filter(({ isOwn }) => isOwn || isSafe)) {
    const value = await secrets.secret(candidate.id, call);
    if (value !== undefined) return createHeader(candidate, Buffer.from(value).toString('utf8').trim(), call);
  }
  return undefined;
}

function createHeader({ id, kind }: Candidate, value: string, { log }: Call): string {
  if (value === '' || /[^\x20-\x7e]/.test(value))
    throw new MkimageError('usage', `use secret \`${id}\`: it is empty, or has characters that a header cannot have`);
  const pair = Buffer.from(`x-access-token:${value}`).toString('base64');
  log?.hide([value, pair]);
  if (kind === 'header') return value;
  return kind === 'git-token' ? `Basic ${pair}` : `Bearer ${value}`;
}
