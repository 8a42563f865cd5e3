import { MkimageError } from '../../errors.ts';
import { removeCredentials } from '../../oci/index.ts';
import type { GitUrl } from './git-url.ts';

/** The target of a ref of a remote repository. */
export interface ResolvedRef {
  /** The full name (`refs/heads/main`), or the requested commit id. */
  readonly ref: string;
  /** The object of the ref: a commit or an annotated tag. */
  readonly object: string;
  /** The commit itself. */
  readonly commit: string;
}

type ListRemote = (...patterns: readonly string[]) => Promise<string>;

/** True for a full SHA-1 or SHA-256 object id. */
export function isCommitId(text: string | undefined): text is string {
  return text !== undefined && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** Finds the commit of a URL. Asks the remote unless the URL has it. Throws `not-found` and, for a wrong checksum, `integrity`. */
export async function resolveRef(url: GitUrl, checksum: string | undefined, list: ListRemote): Promise<ResolvedRef> {
  if (checksum !== undefined && !/^[0-9a-f]+$/i.test(checksum)) {
    throw new MkimageError('usage', `read checksum \`${checksum}\`: a commit id is hexadecimal`);
  }
  const given = url.fetchByCommit === true ? checksum : url.ref;
  if (url.fetchByCommit === true && !isCommitId(given)) {
    throw new MkimageError('usage', 'fetch by commit: the checksum has to be a whole commit id');
  }
  const found = isCommitId(given) ? { ref: given, object: given, commit: given } : await ask(url, list);
  const ids = [found.object, found.commit];
  if (checksum === undefined || ids.some((id) => id.startsWith(checksum.toLowerCase()))) return found;
  throw new MkimageError(
    'integrity',
    `check \`${removeCredentials(url.remote)}\`: \`${found.ref}\` is ${found.commit}, not ${checksum}`,
    {
      evidence: { expected: checksum, found: found.commit },
    },
  );
}

async function ask(url: GitUrl, list: ListRemote): Promise<ResolvedRef> {
  if (url.ref === undefined) return defaultBranch(url, await list('HEAD'));
  const wanted = url.ref;
  const ids = idsByRef(await list(wanted, `${wanted}^{}`));
  const tag = `refs/tags/${wanted.replace(/^refs\/tags\//, '')}`;
  // A branch takes precedence over a tag of the same name, as in `git checkout`.
  const names = [`refs/${wanted.replace(/^refs\//, '')}`, `refs/heads/${wanted.replace(/^refs\/heads\//, '')}`, tag];
  const ref = names.find((name) => ids.has(name));
  if (ref === undefined) {
    throw new MkimageError(
      'not-found',
      `fetch \`${removeCredentials(url.remote)}\`: it has no branch or tag \`${wanted}\``,
      /^[0-9a-f]{4,39}$/i.test(wanted) ? { hint: 'a commit is asked for by its whole id: 40 digits, or 64' } : {},
    );
  }
  return { ref, object: ids.get(ref)!, commit: ids.get(`${ref}^{}`) ?? ids.get(ref)! };
}

/** The answer for HEAD has both the name of the branch and its commit, so one request is enough. */
function defaultBranch(url: GitUrl, answer: string): ResolvedRef {
  const ref = /^ref: (?<ref>refs\/\S+)\tHEAD$/m.exec(answer)?.groups?.ref;
  const commit = idsByRef(answer).get('HEAD');
  if (ref !== undefined && commit !== undefined) return { ref, object: commit, commit };
  throw new MkimageError('not-found', `fetch \`${removeCredentials(url.remote)}\`: it has no default branch`, {
    hint: 'name a branch or tag after `#`',
  });
}

/** Parses lines of `ls-remote`: id, tab, name. Lines without a valid id are ignored. */
function idsByRef(output: string): Map<string, string> {
  const lines = output.split('\n').map((line) => line.split('\t'));
  return new Map(lines.flatMap(([id, ref]) => (isCommitId(id) && ref !== undefined ? [[ref, id] as const] : [])));
}
