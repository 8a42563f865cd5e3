import { MkimageError } from '../errors.ts';
import { type Digest, isDigest } from './digest.ts';

/** An image reference, normalised as Docker does: `busybox` is `docker.io/library/busybox:latest`. */
export interface Reference {
  /** `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** `library/busybox`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const HUB = 'docker.io';
const HUB_OLD_NAME = 'index.docker.io';
const OFFICIAL = 'library/';
const DEFAULT_TAG = 'latest';
const MAX_REPOSITORY = 255;

// The grammar of github.com/distribution/reference, piece by piece.
const PATH_COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const HOST_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const HOST = `(?:${HOST_LABEL}(?:\\.${HOST_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const REPOSITORY = new RegExp(`^${PATH_COMPONENT}(?:/${PATH_COMPONENT})*$`);
const REGISTRY = new RegExp(`^${HOST}$`);
const TAG = /^\w[\w.-]{0,127}$/;
const BARE_DIGEST = /^[a-f0-9]{64}$/;

/** Parses a reference and adds defaults: registry, `library/` and, without tag and digest, `latest`. Throws `invalid-reference`. */
export function parseReference(text: string): Reference {
  if (BARE_DIGEST.test(text)) throw createReferenceError(text, 'a bare image ID is not a name');
  const { name, tag, digest } = cut(text);
  const { registry, repository } = splitRegistry(name);
  checkRepository(text, repository);
  if (!REGISTRY.test(registry)) throw createReferenceError(text, `\`${shorten(registry)}\` is not a registry host`);
  if (tag === '') throw createReferenceError(text, 'nothing follows the colon');
  if (tag !== undefined && !TAG.test(tag)) throw createReferenceError(text, `\`${shorten(tag)}\` is not a tag`);
  if (digest !== undefined && !isDigest(digest))
    throw createReferenceError(text, `\`${shorten(digest)}\` is not a sha256 digest`);
  const completed = tag ?? (digest === undefined ? DEFAULT_TAG : undefined);
  return { registry, repository, ...(completed && { tag: completed }), ...(digest && { digest }) };
}

/** The full text: `registry/repository[:tag][@digest]`. */
export function formatReference(reference: Reference): string {
  return `${reference.registry}/${reference.repository}${suffixOf(reference)}`;
}

/** Converts a name to the store's spelling: `busybox` → `docker.io/library/busybox:latest`. Throws `invalid-reference`. */
export function normalizeName(text: string): string {
  return formatReference(parseReference(text));
}

/** The short form of a repository: `docker.io/library/busybox` → `busybox`. */
export function formatFamiliarRepository(reference: Reference): string {
  const { registry, repository } = reference;
  if (registry !== HUB) return `${registry}/${repository}`;
  const rest = repository.startsWith(OFFICIAL) ? repository.slice(OFFICIAL.length) : repository;
  return rest.includes('/') ? repository : rest;
}

/** The short form of a name, with its tag or digest: `docker.io/library/busybox:latest` → `busybox:latest`. */
export function formatFamiliarName(reference: Reference): string {
  return formatFamiliarRepository(reference) + suffixOf(reference);
}

function suffixOf({ tag, digest }: Reference): string {
  return (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
}

/** Cuts `name[:tag][@digest]`; a colon belongs to the tag only after the last slash. */
function cut(text: string): { name: string; tag: string | undefined; digest: string | undefined } {
  const at = text.indexOf('@');
  const named = at === -1 ? text : text.slice(0, at);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  return {
    name: colon === -1 ? named : named.slice(0, colon),
    tag: colon === -1 ? undefined : named.slice(colon + 1),
    digest: at === -1 ? undefined : text.slice(at + 1),
  };
}

function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  if (slash === -1 || !looksLikeHost(first)) return { registry: HUB, repository: addOfficialPrefix(name) };
  const rest = name.slice(slash + 1);
  const isHub = first === HUB || first === HUB_OLD_NAME;
  return isHub ? { registry: HUB, repository: addOfficialPrefix(rest) } : { registry: first, repository: rest };
}

/** Upper-case letters mean a host, because a repository cannot have them. */
function looksLikeHost(first: string): boolean {
  return first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first;
}

function addOfficialPrefix(repository: string): string {
  return repository.includes('/') ? repository : OFFICIAL + repository;
}

function checkRepository(text: string, repository: string): void {
  if (repository.toLowerCase() !== repository) throw createReferenceError(text, 'a repository name must be lower case');
  if (repository === OFFICIAL || repository === '') throw createReferenceError(text, 'it has no name');
  if (!REPOSITORY.test(repository)) {
    const written = text.includes(repository) ? repository : repository.replace(OFFICIAL, '');
    throw createReferenceError(text, `\`${shorten(written)}\` is not a repository name`);
  }
  if (repository.length > MAX_REPOSITORY)
    throw createReferenceError(text, `a repository name has at most ${MAX_REPOSITORY} characters`);
}

function createReferenceError(text: string, why: string): MkimageError {
  return new MkimageError('invalid-reference', `parse reference: \`${shorten(text)}\`: ${why}`, {
    hint: 'a reference looks like `registry.example.com:5000/team/app:1.0`',
  });
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
