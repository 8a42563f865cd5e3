/** Sources of ADD that are not files of the context: URLs and git repositories. */

import { type GitUrlParts, parseBool, splitGitUrl } from '../../notation/index.ts';
import { Fault } from '../words/fault.ts';
import { didYouMean } from '../words/nearest.ts';

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

/** Tells what a source is. `github.com/x/y` without a scheme is a path. Throws a Fault for a git URL with a bad query. */
export function classifySource(text: string): ClassifiedSource {
  const git = splitGitUrl(text);
  if (git !== undefined && !git.looksLocal) return { kind: 'git', options: gitOptions(text, git) };
  return /^https?:\/\//.test(text) ? { kind: 'http' } : { kind: 'path' };
}

function gitOptions(text: string, { query, fragment }: GitUrlParts): GitOptions {
  const values = new Map<string, string>();
  for (const [key, value] of new URLSearchParams(query)) {
    if (values.has(key)) throw invalid(text, `query \`${key}\` has multiple values`);
    values.set(key, checkedValue(text, key, value));
  }
  checkReference(text, values, fragment);
  return {
    keepGitDir: flag(values.get('keep-git-dir')),
    checksum: values.get('checksum') ?? values.get('commit'),
  };
}

function checkedValue(text: string, key: string, value: string): string {
  if (!QUERY.includes(key)) throw invalid(text, `unexpected query \`${key}\``, didYouMean(key, QUERY));
  if (FLAGS.includes(key)) {
    if (value !== '' && parseBool(value) === undefined) throw invalid(text, `\`${key}\` is neither true nor false`);
  } else if (value === '') throw invalid(text, `query \`${key}\` has no value`);
  if (key === 'mtime' && value !== 'checkout' && value !== 'commit') {
    throw invalid(text, '`mtime` is neither `checkout` nor `commit`');
  }
  return value;
}

/** All places that name a commit, tag or branch have to name the same one; likewise the directory. */
function checkReference(text: string, values: ReadonlyMap<string, string>, fragment: string): void {
  const colon = fragment.indexOf(':');
  const ref = colon < 0 ? fragment : fragment.slice(0, colon);
  const subdir = colon < 0 ? '' : fragment.slice(colon + 1);
  const tag = prefixed('refs/tags/', values.get('tag'));
  const branch = prefixed('refs/heads/', values.get('branch'));
  if (tag !== undefined && branch !== undefined) throw invalid(text, 'a tag and a branch are named');
  checkSame(text, 'ref', [ref, values.get('ref'), tag, branch]);
  checkSame(text, 'subdir', [subdir, values.get('subdir')]);
}

function prefixed(prefix: string, name: string | undefined): string | undefined {
  return name === undefined || name.startsWith(prefix) ? name : prefix + name;
}

function checkSame(text: string, what: string, values: readonly (string | undefined)[]): void {
  const [first, second] = new Set(values.filter(Boolean));
  if (second !== undefined) throw invalid(text, `${what} conflicts: \`${first}\` and \`${second}\``);
}

function flag(value: string | undefined): boolean | undefined {
  return value === '' ? true : value === undefined ? undefined : parseBool(value);
}

function invalid(text: string, why: string, hint?: string): Fault {
  return new Fault('invalid-git-url', `read git url \`${text}\`: ${why}`, { hint });
}
