/** Credentials where users of Docker and Podman have them. */
import { dirname } from 'node:path';
import { MkimageError } from '../../errors.ts';
import {
  errnoOf,
  FileLock,
  makeDirectories,
  readRegularFile,
  resolveRealPath,
  writeWholeFile,
} from '../../host/index.ts';
import type { Call } from '../../progress.ts';
import {
  type AuthDocument,
  createEntry,
  findEntry,
  findHelper,
  formatAuthDocument,
  listEntries,
  parseAuthDocument,
  readEntry,
  withEntries,
  withEntry,
  withoutEntries,
} from './auth-document.ts';
import { eraseFromHelper, getFromHelper, type HelperOptions, storeInHelper } from './helper-program.ts';
import { dockerKeyOf, podmanKeyOf, readKey } from './names.ts';
import type { CredentialPlace, CredentialStore, Credentials, LoginScope } from './port.ts';

export interface SavedCredentialsOptions {
  /** The content of DOCKER_AUTH_CONFIG. It comes before all files. */
  readonly inEnvironment?: string | undefined;
  /** Absolute paths. The first file with credentials for a repository decides. */
  readonly files: readonly string[];
  /** The file that `save` and `remove` change, and whose names it has. */
  readonly written: { readonly path: string; readonly names: 'docker' | 'podman' };
  readonly environment: HelperOptions['environment'];
  /** A folder for a lock; created on first use. */
  readonly lock: string;
  /** Milliseconds that a helper program may take; default: 30 seconds. */
  readonly patience?: number;
}

const PATIENCE = 30_000;
const LOCK_PATIENCE = 30_000;
const MOST = 4 * 1024 * 1024;

interface LoginPlace {
  readonly registry: string;
  readonly repository: string;
}

/** Remembers documents and the answers of helper programs. */
export class SavedCredentials implements CredentialStore {
  readonly #options: SavedCredentialsOptions;
  readonly #answers = new Map<string, Promise<Credentials | undefined>>();
  #documents: readonly AuthDocument[] | undefined;

  constructor(options: SavedCredentialsOptions) {
    this.#options = options;
  }

  async find(registry: string, repository: string, call: Call): Promise<Credentials | undefined> {
    this.#documents ??= this.#readDocuments();
    for (const document of this.#documents) {
      const found = await this.#findIn(document, { registry, repository }, call);
      if (found === undefined) continue;
      call.log?.hide([found.secret]);
      call.log?.debug('registry', 'credentials found', { registry, repository, in: document.name });
      return found;
    }
    return undefined;
  }

  save(scope: LoginScope, credentials: Credentials, call: Call): Promise<CredentialPlace> {
    return this.#change(async (document) => {
      const key = this.#keyOf(scope);
      const helper = findHelper(document, scope.registry, scope.repository);
      if (helper === undefined) {
        this.#write(withEntry(document, scope, { key, value: createEntry(credentials) }));
        return { kind: 'file', path: document.name };
      }
      await storeInHelper(this.#helper(helper), { server: dockerKeyOf(scope), credentials }, call);
      // An empty entry tells other programs that the helper has credentials for this server.
      this.#write(withEntry(document, scope, { key, value: {} }));
      return { kind: 'helper', name: helper };
    });
  }

  remove(scope: LoginScope, call: Call): Promise<boolean> {
    return this.#change(async (document) => {
      const helper = findHelper(document, scope.registry, scope.repository);
      const known = helper !== undefined && (await this.#ask(helper, scope, call)) !== undefined;
      if (known) await eraseFromHelper(this.#helper(helper), dockerKeyOf(scope), call);
      const rest = withoutEntries(document, scope);
      if (rest !== undefined) this.#write(rest);
      return known || rest !== undefined;
    });
  }

  removeAll(call: Call): Promise<void> {
    return this.#change(async (document) => {
      for (const { key } of listEntries(document)) {
        const scope = readKey(key);
        const helper = findHelper(document, scope.registry, scope.repository);
        if (helper !== undefined) await eraseFromHelper(this.#helper(helper), dockerKeyOf(scope), call);
      }
      if (listEntries(document).length > 0) this.#write(withEntries(document, []));
    });
  }

  async #findIn(document: AuthDocument, { registry, repository }: LoginPlace, call: Call) {
    const helper = findHelper(document, registry, repository);
    const saved = helper && (await this.#ask(helper, readKey(registry), call));
    if (saved) return saved;
    const entry = findEntry(document, registry, repository);
    return entry && readEntry(document, entry);
  }

  /** Each program is asked once per server. */
  #ask(helper: string, scope: LoginScope, call: Call): Promise<Credentials | undefined> {
    const server = dockerKeyOf(scope);
    const key = JSON.stringify([helper, server]);
    const answer = this.#answers.get(key) ?? getFromHelper(this.#helper(helper), server, call);
    this.#answers.set(key, answer);
    answer.catch(() => this.#answers.delete(key));
    return answer;
  }

  #helper(name: string): HelperOptions {
    const { environment, patience = PATIENCE } = this.#options;
    return { name, environment, patience };
  }

  #keyOf(scope: LoginScope): string {
    return this.#options.written.names === 'docker' ? dockerKeyOf(scope) : podmanKeyOf(scope);
  }

  #readDocuments(): readonly AuthDocument[] {
    const { inEnvironment, files } = this.#options;
    const given = inEnvironment === undefined ? [] : [parseAuthDocument(inEnvironment, 'DOCKER_AUTH_CONFIG')];
    return [...given, ...files.flatMap((path) => readDocument(path) ?? [])];
  }

  /** Reads the file again under the lock, because another process may have changed it. */
  async #change<T>(work: (document: AuthDocument) => Promise<T>): Promise<T> {
    const { written, lock } = this.#options;
    return new FileLock(lock).hold(LOCK_PATIENCE, async () => {
      this.#documents = undefined;
      this.#answers.clear();
      return await work(readDocument(written.path) ?? { name: written.path, json: {} });
    });
  }

  #write(document: AuthDocument): void {
    const { path } = this.#options.written;
    try {
      const target = resolveRealPath(path);
      makeDirectories(dirname(target), 0o700);
      writeWholeFile(target, formatAuthDocument(document), { mode: 0o600 });
    } catch (cause) {
      throw new MkimageError('usage', `write credentials to \`${path}\`: ${(cause as Error).message}`, { cause });
    }
  }
}

/** Returns undefined if there is no file. Throws `usage` if it cannot be read. */
function readDocument(path: string): AuthDocument | undefined {
  try {
    return parseAuthDocument(readRegularFile(path, MOST).toString('utf8'), path);
  } catch (error) {
    if (error instanceof MkimageError) throw error;
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return undefined;
    throw new MkimageError('usage', `read credentials from \`${path}\`: ${(error as Error).message}`, { cause: error });
  }
}
