/** Sources of ADD that are not context files: URLs and git repositories. */

import { type GitUrlParts, parseBool, splitGitUrl } from '../../notation/index.ts';
import { Fault } from '../words/fault.ts';
import { suggestNearest } from '../words/suggestion.ts';

export interface GitOptions {
  readonly keepGitDir: boolean | undefined;
  readonly checksum: string | undefined;
}

export type ClassifiedSource =
  | { readonly kind: 'path' }
  | { readonly kind: 'http' }
  | { readonly kind: 'git'; readonly options: GitOptions };

const FLAGS = ['keep-git-dir', 'submodules', 'fetch-by-commit'];
const QUERY = [...FLAGS, 'ref', 'tag', 'branch', 'subdir', 'checksum', 'commit', 'mtime'];

/** Determines the kind of a source. `github.com/x/y` without a scheme is a path. Throws a Fault for a git URL with an invalid query. */
export function classifySource(text: string): ClassifiedSource {
  const git = splitGitUrl(text);
  if (git !== undefined && !git.looksLocal) return { kind: 'git', options: readGitOptions(text, git) };
  return /^https?:\/\//.test(text) ? { kind: 'http' } : { kind: 'path' };
}

function readGitOptions(text: string, { query, fragment }: GitUrlParts): GitOptions {
  const values = new Map<string, string>();
  for (const [key, value] of new URLSearchParams(query)) {
    if (values.has(key)) throw createGitUrlFault(text, `query \`${key}\` has multiple values`);
    values.set(key, checkQueryValue(text, key, value));
  }
  checkReference(text, values, fragment);
  return {
    keepGitDir: parseFlag(values.get('keep-git-dir')),
    checksum: values.get('checksum') ?? values.get('commit'),
  };
}

function checkQueryValue(text: string, key: string, value: string): string {
  if (!QUERY.includes(key)) throw createGitUrlFault(text, `unexpected query \`${key}\``, suggestNearest(key, QUERY));
  if (FLAGS.includes(key)) {
    if (value !== '' && parseBool(value) === undefined)
      throw createGitUrlFault(text, `\`${key}\` must be true or false`);
  } else if (value === '') throw createGitUrlFault(text, `query \`${key}\` has no value`);
  if (key === 'mtime' && value !== 'checkout' && value !== 'commit') {
    throw createGitUrlFault(text, '`mtime` must be `checkout` or `commit`');
  }
  return value;
}

/** Query and fragment must name the same commit, tag or branch, and the same directory. */
function checkReference(text: string, values: ReadonlyMap<string, string>, fragment: string): void {
  const colon = fragment.indexOf(':');
  const ref = colon < 0 ? fragment : fragment.slice(0, colon);
  const subdir = colon < 0 ? '' : fragment.slice(colon + 1);
  const tag = addPrefix('refs/tags/', values.get('tag'));
  const branch = addPrefix('refs/heads/', values.get('branch'));
  if (tag !== undefined && branch !== undefined) throw createGitUrlFault(text, 'both `tag` and `branch` are set');
  checkSame(text, 'ref', [ref, values.get('ref'), tag, branch]);
  checkSame(text, 'subdir', [subdir, values.get('subdir')]);
}

function addPrefix(prefix: string, name: string | undefined): string | undefined {
  return name === undefined || name.startsWith(prefix) ? name : prefix + name;
}

function checkSame(text: string, what: string, values: readonly (string | undefined)[]): void {
  const [first, second] = new Set(values.filter(Boolean));
  if (second !== undefined) throw createGitUrlFault(text, `${what} conflicts: \`${first}\` and \`${second}\``);
}

function parseFlag(value: string | undefined): boolean | undefined {
  return value === '' ? true : value === undefined ? undefined : parseBool(value);
}

function createGitUrlFault(text: string, why: string, hint?: string): Fault {
  return new Fault('invalid-git-url', `read git url \`${text}\`: ${why}`, { hint });
}
