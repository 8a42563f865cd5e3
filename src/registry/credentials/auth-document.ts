/** The JSON of Docker's `config.json` and Podman's `auth.json`. No message contains a part of it. */
import { MkimageError } from '../../errors.ts';
import { stripEnd } from '../../notation/index.ts';
import { measureMatch, readKey } from './names.ts';
import type { Credentials, LoginScope } from './port.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** A file of credentials. `name` is for messages. */
export interface AuthDocument {
  readonly name: string;
  readonly json: JsonObject;
}

/** An entry of `auths` with its key. */
export interface AuthEntry {
  readonly key: string;
  readonly value: JsonObject;
}

/** Throws `usage` if the text is not a JSON object. An empty text is an empty document. */
export function parseAuthDocument(text: string, name: string): AuthDocument {
  if (text.trim() === '') return { name, json: {} };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's message would show a part of the file.
    throw createDamagedError(name, 'not JSON');
  }
  if (!isObject(json)) throw createDamagedError(name, 'not a JSON object');
  for (const part of ['auths', 'credHelpers'])
    if (json[part] !== undefined && json[part] !== null && !isObject(json[part]))
      throw createDamagedError(name, `\`${part}\` is not an object`);
  return { name, json };
}

/** The most exact entry for a repository that has credentials. */
export function findEntry(document: AuthDocument, registry: string, repository: string): AuthEntry | undefined {
  const entries = listEntries(document).filter(({ value }) => hasCredentials(value));
  return findMostExact(entries, ({ key }) => measureMatch(readKey(key), registry, repository));
}

export function listEntries({ json }: AuthDocument): readonly AuthEntry[] {
  const entries = Object.entries(isObject(json.auths) ? json.auths : {});
  return entries.map(([key, value]) => ({ key, value: isObject(value) ? value : {} }));
}

/** The helper program for a repository: the most exact one of `credHelpers`, otherwise `credsStore`. */
export function findHelper({ json }: AuthDocument, registry: string, repository: string): string | undefined {
  const helpers = Object.entries(isObject(json.credHelpers) ? json.credHelpers : {});
  const own = findMostExact(helpers, ([key]) => measureMatch(readKey(key), registry, repository));
  const name = own?.[1] ?? json.credsStore;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Reads the credentials of an entry. Throws `usage` if it is malformed. */
export function readEntry({ name }: AuthDocument, { key, value }: AuthEntry): Credentials {
  const text = (member: string) => (typeof value[member] === 'string' ? (value[member] as string) : '');
  if (text('identitytoken') !== '') return { kind: 'identity-token', username: '', secret: text('identitytoken') };
  if (text('registrytoken') !== '') return { kind: 'registry-token', username: '', secret: text('registrytoken') };
  if (text('auth') === '') return { username: text('username'), secret: text('password') };
  // Old versions of Docker padded the password with zero bytes.
  const pair = stripEnd(Buffer.from(text('auth'), 'base64').toString('utf8'), '\0');
  const colon = pair.indexOf(':');
  if (colon > 0) return { username: pair.slice(0, colon), secret: pair.slice(colon + 1) };
  throw createDamagedError(name, `\`auth\` of \`${key}\` is not the base64 of a user name, a colon and a password`);
}

/** The entry for credentials, as Docker writes it. */
export function createEntry({ username, secret, kind = 'password' }: Credentials): JsonObject {
  const encode = (text: string) => Buffer.from(text).toString('base64');
  if (kind === 'password') return { auth: encode(`${username}:${secret}`) };
  if (kind === 'registry-token') return { registrytoken: secret };
  return { auth: encode(`${username}:`), identitytoken: secret };
}

/** The document with an entry, and without other entries of the same scope. Unknown members stay. */
export function withEntry(document: AuthDocument, scope: LoginScope, { key, value }: AuthEntry): AuthDocument {
  return withEntries(document, [...listOthers(document, scope), [key, value]]);
}

/** The document without the entries of a scope; undefined if it has none. */
export function withoutEntries(document: AuthDocument, scope: LoginScope): AuthDocument | undefined {
  const others = listOthers(document, scope);
  return others.length === listEntries(document).length ? undefined : withEntries(document, others);
}

export function withEntries(
  { name, json }: AuthDocument,
  entries: readonly (readonly [string, unknown])[],
): AuthDocument {
  return { name, json: { ...json, auths: Object.fromEntries(entries) } };
}

/** Docker's form: tabs, and no line feed at the end. */
export function formatAuthDocument({ json }: AuthDocument): string {
  return JSON.stringify(json, null, '\t');
}

function listOthers(document: AuthDocument, scope: LoginScope): (readonly [string, unknown])[] {
  const others = listEntries(document).filter(({ key }) => {
    const { registry, repository } = readKey(key);
    return registry !== scope.registry || repository !== scope.repository;
  });
  return others.map(({ key, value }) => [key, value]);
}

function hasCredentials(value: JsonObject): boolean {
  const given = (member: string) => typeof value[member] === 'string' && value[member] !== '';
  return given('auth') || given('identitytoken') || given('registrytoken') || (given('username') && given('password'));
}

function findMostExact<T>(all: readonly T[], measure: (each: T) => number | undefined): T | undefined {
  const measured = all.flatMap((each) => {
    const length = measure(each);
    return length === undefined ? [] : [{ each, length }];
  });
  return measured.sort((a, b) => b.length - a.length)[0]?.each;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function createDamagedError(name: string, why: string): MkimageError {
  return new MkimageError('usage', `read credentials from \`${name}\`: ${why}`, {
    hint: 'repair or remove it, then log in again',
  });
}
