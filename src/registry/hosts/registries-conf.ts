/** `registries.conf` of Podman, Buildah and skopeo, version 2 (containers-registries.conf(5)). */
import { MkimageError } from '../../errors.ts';
import { stripEnd } from '../../notation/index.ts';

/** A `[[registry]]` entry. */
export interface RegistryRule {
  /** `host[:port]` with the beginning of a repository, or `*.domain`. */
  readonly prefix: string;
  /** What replaces the prefix; empty: nothing. */
  readonly location: string;
  readonly insecure: boolean;
  readonly blocked: boolean;
  readonly mirrors: readonly MirrorRule[];
}

export interface MirrorRule {
  /** What replaces the prefix. */
  readonly location: string;
  readonly insecure: boolean;
  readonly pulls: 'all' | 'digest-only' | 'tag-only';
}

type Table = Readonly<Record<string, unknown>>;

/** Reads the entries of a file. `name` is for messages. Throws `usage`. */
export async function parseRegistriesConf(text: string, name: string): Promise<readonly RegistryRule[]> {
  // Most files have only comments and short names. They need no parser.
  if (!text.split('\n').some(mayNameRegistry)) return [];
  const document = await parseToml(text, name);
  const entries = document.registry ?? [];
  if (isTable(document.registries))
    throw createError(name, 'version 1 of the format (`[registries.search]` …) is not supported');
  if (!Array.isArray(entries)) throw createError(name, '`registry` is not a list of tables');
  return entries.map((entry: unknown) => readRule(isTable(entry) ? entry : {}, name));
}

async function parseToml(text: string, name: string): Promise<Table> {
  const { parse } = await import('smol-toml');
  try {
    return parse(text);
  } catch (error) {
    const { line, column } = error as { readonly line?: number; readonly column?: number };
    const where = line === undefined ? '' : ` in line ${line}, column ${column}`;
    throw createError(name, `invalid TOML${where}`);
  }
}

function readRule(entry: Table, name: string): RegistryRule {
  const location = readText(entry, 'location', name);
  const prefix = readText(entry, 'prefix', name) || location;
  if (prefix === '') throw createError(name, 'a `[[registry]]` has neither `prefix` nor `location`');
  if (location === '' && !prefix.startsWith('*.'))
    throw createError(name, `the registry \`${prefix}\` has no \`location\``);
  const mirrors = entry.mirror ?? [];
  if (!Array.isArray(mirrors)) throw createError(name, `\`mirror\` of \`${prefix}\` is not a list of tables`);
  const isDigestOnly = readFlag(entry, 'mirror-by-digest-only', name);
  return {
    ...{ prefix, location },
    insecure: readFlag(entry, 'insecure', name),
    blocked: readFlag(entry, 'blocked', name),
    mirrors: mirrors.map((mirror: unknown) => readMirror(isTable(mirror) ? mirror : {}, isDigestOnly, name)),
  };
}

function mayNameRegistry(line: string): boolean {
  const start = line.trimStart();
  return start.startsWith('[') ? start.includes('registr') : start.startsWith('registry');
}

function readMirror(mirror: Table, isDigestOnly: boolean, name: string): MirrorRule {
  const location = readText(mirror, 'location', name);
  if (location === '') throw createError(name, 'a mirror has no `location`');
  const pulls = readText(mirror, 'pull-from-mirror', name) || (isDigestOnly ? 'digest-only' : 'all');
  if (pulls !== 'all' && pulls !== 'digest-only' && pulls !== 'tag-only')
    throw createError(name, `\`pull-from-mirror\` of \`${location}\` is not all, digest-only or tag-only`);
  return { location, insecure: readFlag(mirror, 'insecure', name), pulls };
}

function readText(table: Table, key: string, name: string): string {
  const value = table[key] ?? '';
  if (typeof value !== 'string') throw createError(name, `\`${key}\` is not a string`);
  // As in Podman: a scheme is not a part of a location.
  if (/^https?:\/\//.test(value)) throw createError(name, `\`${key}\` has a scheme: \`${value}\``);
  return stripEnd(value, '/');
}

function readFlag(table: Table, key: string, name: string): boolean {
  const value = table[key] ?? false;
  if (typeof value === 'boolean') return value;
  throw createError(name, `\`${key}\` is not true or false`);
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function createError(name: string, why: string): MkimageError {
  return new MkimageError('usage', `read registries from \`${name}\`: ${why}`);
}
