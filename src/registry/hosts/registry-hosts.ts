/** Where registries are and how they are reached, by the configuration of Docker, Podman and mkimage. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { errnoOf, readRegularFile } from '../../host/index.ts';
import type { HostTls } from '../../http/index.ts';
import type { Reference } from '../../oci/index.ts';
import { type Endpoint, findEndpoint } from '../endpoint.ts';
import type { Route } from '../mirrored-registry.ts';
import { readCertificates } from './certificates.ts';
import { type DaemonSettings, isInsecureByDaemon, parseDaemonJson } from './daemon-json.ts';
import { addGivenTls, type GivenHosts, isInsecureByGiven, toRule } from './given-hosts.ts';
import { findRule, isInsecureByRule, mayPullFrom, relocate } from './match-rule.ts';
import { parseRegistriesConf, type RegistryRule } from './registries-conf.ts';

export interface RegistryHostsOptions {
  /** Files in the format of `registries.conf`. Later rules replace earlier ones with the same prefix. */
  readonly files: readonly string[];
  /** Folders of such files (`*.conf`), read after `files`. */
  readonly folders: readonly string[];
  /** Read last. */
  readonly own: readonly string[];
  /** Files of Docker's daemon. */
  readonly daemons: readonly string[];
  /** Folders of certificates by host. */
  readonly certificates: readonly string[];
  /** What one run says in addition. Its mirrors take precedence over files. */
  readonly given?: GivenHosts | undefined;
}

interface Settings {
  readonly rules: readonly RegistryRule[];
  readonly daemon: DaemonSettings;
}

const MOST_BYTES = 1024 * 1024;

/** Reads each file once, at the first question. */
export class RegistryHosts {
  readonly #options: RegistryHostsOptions;
  #settings: Promise<Settings> | undefined;

  constructor(options: RegistryHostsOptions) {
    this.#options = options;
  }

  /** Throws `registry` if the registry is blocked, `usage` for a damaged file. */
  async findRoute(reference: Reference): Promise<Route> {
    const { rules, daemon } = await this.#read();
    const rule = findRule(rules, reference);
    if (rule === undefined) return { mirrors: findHubMirrors(daemon, reference), origin: reference };
    if (rule.blocked) throw createBlockedError(reference, rule);
    const mirrors = rule.mirrors.filter((mirror) => mayPullFrom(mirror, reference));
    return {
      mirrors: mirrors.map(({ location }) => relocate(reference, rule.prefix, location)),
      origin: relocate(reference, rule.prefix, rule.location),
    };
  }

  async findEndpoint(registry: string): Promise<Endpoint> {
    const endpoint = findEndpoint(registry);
    return { ...endpoint, insecure: await this.#isInsecure(endpoint.host) };
  }

  /** The TLS settings for a host of a registry. */
  async findTls(host: string): Promise<HostTls | undefined> {
    const own = addGivenTls(readCertificates(this.#options.certificates, host), this.#options.given, host);
    return (await this.#isInsecure(host)) ? { ...own, unverified: true } : own;
  }

  async #isInsecure(host: string): Promise<boolean> {
    if (isInsecureByGiven(this.#options.given, host)) return true;
    const { rules, daemon } = await this.#read();
    return isInsecureByRule(rules, host) || (await isInsecureByDaemon(daemon.insecure, host, lookUp));
  }

  #read(): Promise<Settings> {
    this.#settings ??= this.#readFiles();
    return this.#settings;
  }

  async #readFiles(): Promise<Settings> {
    const { files, folders, own, daemons } = this.#options;
    const all = [...files, ...folders.flatMap(listConfigurations), ...own];
    const rules = await Promise.all(all.map(async (path) => parseRegistriesConf(readText(path), path)));
    const settings = daemons.map((path) => parseDaemonJson(readText(path), path));
    const daemon = {
      mirrors: settings.flatMap(({ mirrors }) => mirrors),
      insecure: settings.flatMap(({ insecure }) => insecure),
    };
    // A later rule replaces an earlier one with the same prefix.
    const given = (this.#options.given?.mirrors ?? []).map(toRule);
    const byPrefix = new Map([...rules.flat(), ...given].map((rule) => [rule.prefix, rule]));
    return { rules: [...byPrefix.values()], daemon };
  }
}

/** Docker's mirrors serve Docker Hub only. Their URL takes the place of the registry. */
function findHubMirrors({ mirrors }: DaemonSettings, reference: Reference): readonly Reference[] {
  return reference.registry === 'docker.io' ? mirrors.map((registry) => ({ ...reference, registry })) : [];
}

async function lookUp(hostname: string): Promise<readonly string[]> {
  const { lookup } = await import('node:dns/promises');
  try {
    return (await lookup(hostname, { all: true })).map(({ address }) => address);
  } catch {
    // The request itself will fail with a better message.
    return [];
  }
}

function listConfigurations(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.conf'));
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw createReadError(folder, error);
  }
}

/** A missing file is empty. */
function readText(path: string): string {
  try {
    return readRegularFile(path, MOST_BYTES).toString('utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw createReadError(path, error);
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '');
}

function createReadError(path: string, error: unknown): MkimageError {
  const why = errnoOf(error) === 'EACCES' ? 'permission denied' : (error as Error).message;
  return new MkimageError('usage', `read registries from \`${path}\`: ${why}`);
}

function createBlockedError({ registry, repository }: Reference, { prefix }: RegistryRule): MkimageError {
  return new MkimageError(
    'registry',
    `reach \`${registry}/${repository}\`: \`${prefix}\` is blocked in registries.conf`,
    {
      hint: 'use another registry, or change `blocked` there',
    },
  );
}
