import { posix } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { parseBool, splitGitUrl } from '../../notation/index.ts';
import { removeCredentials } from '../../oci/index.ts';

/** A repository to build from or to ADD, as `https://host/repo.git#ref:subdir` or `…?ref=…&subdir=…` names it. */
export interface GitUrl {
  /** The URL for git, without fragment and query. */
  readonly remote: string;
  readonly ref?: string;
  /** A tree path; `''` for the whole repository. */
  readonly subdir: string;
  /** The beginning of a commit id. */
  readonly checksum?: string;
  readonly keepGitDir?: boolean;
  readonly submodules?: boolean;
  readonly mtime?: 'checkout' | 'commit';
  /** True: fetch the commit without resolving the ref. */
  readonly fetchByCommit?: boolean;
  /** True for `github.com/…`, which could also be a path. Only a build context may use this form. */
  readonly looksLocal: boolean;
}

type Settings = Omit<GitUrl, 'remote' | 'subdir' | 'looksLocal'> & { readonly subdir?: string };

/**
 * Parses a git URL as BuildKit does; undefined if the text is not one (other schemes, `http(s)` without `.git`, paths). Throws
 * `usage` for an invalid query.
 */
export function parseGitUrl(text: string): GitUrl | undefined {
  const parts = splitGitUrl(text);
  if (parts === undefined) return undefined;
  const { subdir = '', ...settings } = withQuery(fromFragment(parts.fragment), new URLSearchParams(parts.query), text);
  if (settings.ref?.startsWith('-')) throw wrong(text, `\`${settings.ref}\` is no ref`);
  return { remote: parts.remote, ...settings, subdir: cleanSubdir(subdir), looksLocal: parts.looksLocal };
}

function fromFragment(fragment: string): Settings {
  const colon = fragment.indexOf(':');
  const ref = colon < 0 ? fragment : fragment.slice(0, colon);
  return { ...(ref === '' ? {} : { ref }), ...(colon < 0 ? {} : { subdir: fragment.slice(colon + 1) }) };
}

function withQuery(fragment: Settings, query: URLSearchParams, text: string): Settings {
  let settings = fragment;
  for (const key of new Set(query.keys())) {
    const values = query.getAll(key);
    if (values.length > 1) throw wrong(text, `\`${key}\` is given more than once`);
    settings = withSetting(settings, { key, value: values[0]! }, text);
  }
  if (query.has('tag') && query.has('branch')) throw wrong(text, 'it names both a tag and a branch');
  return settings;
}

interface GivenSetting {
  readonly key: string;
  readonly value: string;
}

function withSetting(settings: Settings, { key, value }: GivenSetting, text: string): Settings {
  switch (key) {
    case 'ref':
      return { ...settings, ref: requireAgreement('ref', { before: settings.ref, value }, text) };
    case 'tag':
      return {
        ...settings,
        ref: requireAgreement(
          'ref',
          { before: settings.ref, value: `refs/tags/${value.replace(/^refs\/tags\//, '')}` },
          text,
        ),
      };
    case 'branch':
      return {
        ...settings,
        ref: requireAgreement(
          'ref',
          { before: settings.ref, value: `refs/heads/${value.replace(/^refs\/heads\//, '')}` },
          text,
        ),
      };
    case 'subdir':
      return { ...settings, subdir: requireAgreement('subdir', { before: settings.subdir, value }, text) };
    case 'checksum':
    case 'commit':
      return { ...settings, checksum: requireAgreement(key, { before: settings.checksum, value }, text) };
    case 'keep-git-dir':
      return { ...settings, keepGitDir: truth(key, value, text) };
    case 'submodules':
      return { ...settings, submodules: truth(key, value, text) };
    case 'fetch-by-commit':
      return { ...settings, fetchByCommit: truth(key, value, text) };
    case 'mtime':
      if (value === 'checkout' || value === 'commit') return { ...settings, mtime: value };
      throw wrong(text, '`mtime` is `checkout` or `commit`');
    default:
      throw wrong(text, `\`${key}\` is not known`);
  }
}

interface Values {
  readonly before?: string | undefined;
  readonly value: string;
}

function requireAgreement(key: string, { before, value }: Values, text: string): string {
  if (value === '' || /^refs\/(?:tags|heads)\/$/.test(value)) throw wrong(text, `\`${key}\` has no value`);
  if (before !== undefined && before !== '' && before !== value)
    throw wrong(text, `it names two: \`${before}\` and \`${value}\``);
  return value;
}

function truth(key: string, value: string, text: string): boolean {
  const read = value === '' ? true : parseBool(value);
  if (read !== undefined) return read;
  throw wrong(text, `\`${key}\` is true or false`);
}

function cleanSubdir(subdir: string): string {
  return posix.normalize(`/${subdir}`).replace(/^\/|\/$/g, '');
}

function wrong(text: string, why: string): MkimageError {
  return new MkimageError('usage', `read git URL \`${removeCredentials(text)}\`: ${why}`, {
    hint: 'known: ref, tag, branch, subdir, checksum, keep-git-dir, submodules, mtime, fetch-by-commit',
  });
}
