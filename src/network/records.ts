/**
 * The folder of networks:
 *
 *     <id>.json                 a network
 *     endpoints/<id>.json       what a running container has in networks, by its id; ignored when its process has ended
 *     lock/                     changes happen one after the other
 *     ability.json              since when this machine can have networks of containers: its boot
 *     names-<boot>/             the files of the name server; removed at the next boot
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PortBinding } from '../api/index.ts';
import { createOwnedName, FileLock, livenessOf, writeAtomically } from '../host/index.ts';

/** A network as it was created. */
export interface NetworkRecord {
  readonly id: string;
  readonly name: string;
  /** RFC 3339 with nanoseconds. */
  readonly created: string;
  /** `172.17.0.0/20`. */
  readonly subnet: string;
  readonly gateway: string;
  /** The part of the subnet that addresses are taken from; undefined: all of it. */
  readonly range?: string | undefined;
  /** The subnet was given by the user: it is never changed. */
  readonly isFixed: boolean;
  /** Without a way out. */
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

/** A container's place in one network, while it runs. */
export interface Endpoint {
  readonly network: string;
  readonly networkId: string;
  readonly endpointId: string;
  readonly address: string;
  readonly prefix: number;
  /** Empty in an internal network. */
  readonly gateway: string;
  readonly mac: string;
  /** In the container: `eth0`. */
  readonly interface: string;
  readonly aliases: readonly string[];
  /** Answers for the names of the network; undefined in the default network. */
  readonly nameServer?: string | undefined;
}

export interface PublishedBinding extends PortBinding {
  /** `80/tcp`. */
  readonly port: string;
}

/** All places of one running container. */
export interface Attachment {
  readonly container: string;
  readonly name: string;
  readonly pid: number;
  /** The owner name of the process. */
  readonly process: string;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly PublishedBinding[];
  /** Servers for names that are not of the network. */
  readonly dns: readonly string[];
}

const PATIENCE_MS = 30_000;
const ID = /^[0-9a-f]{64}\.json$/;

export class NetworkFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Changes of networks and of their members happen one after the other. */
  hold<T>(work: () => Promise<T>): Promise<T> {
    mkdirSync(join(this.path, 'endpoints'), { recursive: true, mode: 0o700 });
    return new FileLock(join(this.path, 'lock')).hold(PATIENCE_MS, work);
  }

  networks(): readonly NetworkRecord[] {
    return this.#list<NetworkRecord>(this.path).sort((a, b) => (a.created < b.created ? -1 : 1));
  }

  /** Containers that run. Records of others are removed. */
  attachments(): readonly Attachment[] {
    return this.#list<Attachment>(join(this.path, 'endpoints')).filter(({ container, process }) => {
      const liveness = livenessOf(process);
      // A process of another pid namespace cannot be looked up, but it may run: unless the machine was restarted.
      if (liveness === 'alive' || (liveness === 'unknown' && process.startsWith(readBoot()))) return true;
      this.forgetAttachment(container);
      return false;
    });
  }

  writeNetwork(record: NetworkRecord): void {
    this.#write(join(this.path, `${record.id}.json`), record);
  }

  forgetNetwork(id: string): void {
    rmSync(join(this.path, `${id}.json`), { force: true });
  }

  writeAttachment(attachment: Attachment): void {
    this.#write(join(this.path, 'endpoints', `${attachment.container}.json`), attachment);
  }

  forgetAttachment(container: string): void {
    rmSync(join(this.path, 'endpoints', `${container}.json`), { force: true });
  }

  #list<T>(folder: string): T[] {
    return namesIn(folder)
      .filter((name) => ID.test(name))
      .flatMap((name) => readJson<T>(join(folder, name)) ?? []);
  }

  #write(path: string, content: object): void {
    const temporary = join(this.path, createOwnedName('network'));
    writeAtomically(path, JSON.stringify(content), { temporary, durability: 'kill' });
  }
}

/** The first part of this boot's id, as in owner names. */
export function readBoot(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
}

export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined; // removed in the meantime, or damaged
  }
}
