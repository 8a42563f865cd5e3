import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ContainerSettings,
  ContainerStatus,
  EndpointSettings,
  HealthReport,
  HostSettings,
  MountPoint,
  PortMap,
} from '../api/index.ts';
import { MkimageError } from '../errors.ts';
import { createOwnedName, writeAtomically } from '../host/index.ts';
import type { Descriptor, Digest, Layer } from '../oci/index.ts';

/** `config.json`: what a container is. Written when it is created, renamed or updated. */
export interface ContainerRecord {
  readonly id: string;
  /** Without a slash. */
  readonly name: string;
  /** RFC 3339 with nanoseconds. */
  readonly created: string;
  /** The digest of the image's config. */
  readonly image: Digest;
  /** Of the image: the store keeps all that it leads to, as long as the container exists. */
  readonly manifest: Descriptor;
  readonly layers: readonly Layer[];
  readonly argv: readonly string[];
  /** The settings of the image with those of the request. */
  readonly config: ContainerSettings;
  readonly host: HostSettings;
  readonly networks: Readonly<Record<string, EndpointSettings>>;
  readonly mounts: readonly MountPoint[];
}

/** What a started container has in a network; removed when it stops. */
export interface Endpoint {
  readonly network: string;
  readonly networkId: string;
  readonly endpointId: string;
  readonly address: string;
  readonly prefix: number;
  readonly gateway: string;
  readonly mac: string;
  readonly aliases: readonly string[];
  /** Answers for the names of the network; undefined in the default network. */
  readonly nameServer?: string | undefined;
}

/** `state.json`: what a container does. Written by rename at each change. */
export interface ContainerState {
  readonly status: ContainerStatus;
  /** The first process of the container: pid, and owner name (with its start time). */
  readonly pid: number;
  readonly process: string;
  readonly recorder: number;
  readonly recorderProcess: string;
  readonly exitCode: number;
  readonly error: string;
  readonly oomKilled: boolean;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly restartCount: number;
  /** Stopped by a user, so that its restart policy does not apply. */
  readonly isStoppedByHand: boolean;
  /** Counts the starts: tells one run from the next. */
  readonly run: number;
  readonly mountPoints: readonly string[];
  readonly endpoints: readonly Endpoint[];
  readonly ports: PortMap;
  readonly health?: HealthReport | undefined;
}

const NEVER = '0001-01-01T00:00:00Z';

export const NEW_STATE: ContainerState = {
  status: 'created',
  pid: 0,
  process: '',
  recorder: 0,
  recorderProcess: '',
  exitCode: 0,
  error: '',
  oomKilled: false,
  startedAt: NEVER,
  finishedAt: NEVER,
  restartCount: 0,
  isStoppedByHand: false,
  run: 0,
  mountPoints: [],
  endpoints: [],
  ports: {},
};

/** The folder of one container, and its files. */
export class ContainerFolder {
  readonly path: string;
  /** Outside of `path`. */
  readonly locks: string;
  readonly id: string;

  constructor(home: string, id: string) {
    this.path = join(home, id);
    this.locks = join(home, 'locks', id);
    this.id = id;
  }

  get log(): string {
    return join(this.path, `${this.id}-json.log`);
  }

  /** Everything of one run: pipes, the socket, the scratch of the sandbox. */
  get run(): string {
    return join(this.path, 'run');
  }

  get exit(): string {
    return join(this.path, 'exit');
  }

  file(name: 'hosts' | 'hostname' | 'resolv.conf' | 'upper' | 'work' | 'exec' | 'root'): string {
    return join(this.path, name);
  }

  lock(name: 'change' | 'monitor'): string {
    return join(this.locks, name);
  }

  exists(): boolean {
    return existsSync(join(this.path, 'config.json'));
  }

  record(): ContainerRecord {
    return this.#read<ContainerRecord>('config.json');
  }

  state(): ContainerState {
    return this.#read<ContainerState>('state.json');
  }

  writeRecord(record: ContainerRecord): void {
    this.#write('config.json', record);
  }

  writeState(state: ContainerState): void {
    this.#write('state.json', state);
  }

  /** The record of the exit recorder; empty if there is none. */
  exitRecord(): Buffer {
    try {
      return readFileSync(this.exit);
    } catch {
      return Buffer.alloc(0);
    }
  }

  /** When the recorder wrote last. Milliseconds since 1970. */
  exitTime(): number | undefined {
    return statSync(this.exit, { throwIfNoEntry: false })?.mtimeMs;
  }

  #read<T>(name: string): T {
    try {
      return JSON.parse(readFileSync(join(this.path, name), 'utf8')) as T;
    } catch (cause) {
      const isGone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      throw isGone
        ? noSuchContainer(this.id)
        : new MkimageError('store', `read container ${this.id.slice(0, 12)}: ${(cause as Error).message}`, { cause });
    }
  }

  #write(name: string, content: object): void {
    const temporary = join(this.path, createOwnedName(name.replace('.json', '')));
    writeAtomically(join(this.path, name), JSON.stringify(content), { temporary, durability: 'kill' });
  }
}

export function noSuchContainer(text: string): MkimageError {
  return new MkimageError('not-found', `No such container: ${text}`, { hint: 'list containers with `mkimage ps -a`' });
}

const ID = /^[0-9a-f]{64}$/;

/** Ids of all containers of a home. */
export function listContainerIds(home: string): readonly string[] {
  try {
    return readdirSync(home).filter((name) => ID.test(name));
  } catch {
    return [];
  }
}
