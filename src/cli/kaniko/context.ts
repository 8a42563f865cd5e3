/** The contexts of kaniko's executor: `dir://`, `tar://`, `git://`, `https://`. */
import { MkimageError } from '../../errors.ts';

export interface KanikoContext {
  /** As an operand of `mkimage build`. */
  readonly context: string;
  /** An archive that takes the place of standard input. */
  readonly archive?: string;
}

export interface ContextFlags {
  readonly context: string | undefined;
  readonly subPath: string | undefined;
  /** `branch=NAME,…` */
  readonly git: string | undefined;
  /** kaniko's GIT_PULL_METHOD: https, http or ssh. */
  readonly pullMethod: string | undefined;
}

/** kaniko's own default. */
const DEFAULT_CONTEXT = '/workspace';
const BUCKETS = /^(?:s3|gs):\/\//;

/** Throws `usage`, and `unsupported` for contexts in buckets. */
export function readKanikoContext(flags: ContextFlags): KanikoContext {
  const given = flags.context || DEFAULT_CONTEXT;
  if (BUCKETS.test(given)) throw createBucketError(given);
  if (given.startsWith('git://')) return { context: toGitUrl(given.slice('git://'.length), flags) };
  if (given.startsWith('tar://')) return readArchive(given.slice('tar://'.length), flags.subPath);
  if (/^https?:\/\//.test(given)) return { context: addToUrl(given, flags) };
  const directory = given.startsWith('dir://') ? given.slice('dir://'.length) : given;
  const scheme = /^([a-z][a-z0-9+]*):\/\//.exec(directory)?.[1];
  if (scheme !== undefined) {
    throw new MkimageError('usage', `read \`--context ${given}\`: unknown scheme \`${scheme}\``, {
      hint: 'one of dir://, tar://, git://, https://',
    });
  }
  return { context: joinSubPath(directory, flags.subPath) };
}

function readArchive(path: string, subPath: string | undefined): KanikoContext {
  if (subPath !== undefined) throw createSubPathError('an archive');
  return path === 'stdin' ? { context: '-' } : { context: '-', archive: path };
}

function addToUrl(url: string, { subPath, git, ...flags }: ContextFlags): string {
  if (/\.git(?:#|$)/.test(url)) return toGitUrl(url, { subPath, git, ...flags });
  if (subPath !== undefined) throw createSubPathError('an archive');
  return url;
}

/** `HOST/REPOSITORY[#REF][#COMMIT]`. A commit takes precedence over a ref, and a ref over `--git branch=`. */
function toGitUrl(text: string, { subPath, git, pullMethod }: ContextFlags): string {
  const [place = '', ref = '', commit = ''] = text.split('#');
  if (place === '') throw new MkimageError('usage', 'read `--context git://`: it names no repository');
  const { branch, submodules } = readGit(git);
  const revision = commit || ref || (branch === undefined ? '' : `refs/heads/${branch}`);
  const query = submodules === undefined ? '' : `?submodules=${submodules}`;
  const fragment = subPath === undefined ? revision : `${revision}:${subPath}`;
  return `${toRemote(place, pullMethod)}${query}${fragment === '' ? '' : `#${fragment}`}`;
}

function toRemote(place: string, pullMethod: string | undefined): string {
  const remote = /^[a-z+]+:\/\//.test(place) ? place : `${schemeOf(pullMethod)}://${place}`;
  // For mkimage an address is a repository only with this ending. Servers accept both forms.
  return /^https?:/.test(remote) && !remote.endsWith('.git') ? `${remote.replace(/\/$/, '')}.git` : remote;
}

function schemeOf(pullMethod: string | undefined): string {
  const method = pullMethod || 'https';
  if (method === 'https' || method === 'http' || method === 'ssh') return method;
  throw new MkimageError('usage', `read GIT_PULL_METHOD: unknown method \`${method}\``, {
    hint: 'one of https, http, ssh',
  });
}

interface GitSettings {
  readonly branch: string | undefined;
  readonly submodules: string | undefined;
}

function readGit(text: string | undefined): GitSettings {
  const pairs = (text ?? '').split(',').filter((pair) => pair !== '');
  const values = new Map(pairs.map((pair) => [pair.split('=', 1)[0]!, pair.slice(pair.indexOf('=') + 1)]));
  const unknown = [...values.keys()].find((key) => !GIT_KEYS.includes(key));
  if (unknown !== undefined) {
    throw new MkimageError('usage', `read \`--git ${text}\`: unknown key \`${unknown}\``, {
      hint: `one of ${GIT_KEYS.join(', ')}`,
    });
  }
  return { branch: values.get('branch') || undefined, submodules: values.get('recurse-submodules') };
}

/** Only the needed commit is fetched, so `single-branch` has no effect. */
const GIT_KEYS = ['branch', 'single-branch', 'recurse-submodules'];

function joinSubPath(directory: string, subPath: string | undefined): string {
  return subPath === undefined ? directory : `${directory.replace(/\/$/, '')}/${subPath}`;
}

function createSubPathError(what: string): MkimageError {
  return new MkimageError('usage', `read \`--context-sub-path\`: the context is ${what}`, {
    hint: 'unpack it and give the directory, or pack the directory alone',
  });
}

function createBucketError(context: string): MkimageError {
  return new MkimageError('unsupported', `read \`--context ${context}\`: contexts in buckets are not read`, {
    hint: 'fetch the archive and give it as `tar://stdin` or `tar://FILE`',
  });
}
