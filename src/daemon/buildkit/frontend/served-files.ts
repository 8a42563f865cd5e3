/** Brings the files of a client into the folder of its build. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MkimageError } from '../../../errors.ts';
import type { ProgressReporter } from '../control/progress.ts';
import { receiveFiles } from '../session/receive-files.ts';
import type { Session } from '../session/session.ts';
import { readIgnorePatterns } from './ignore-patterns.ts';

/** What finds the session that serves a directory. */
export type FindSession = (directory: string) => Promise<Session>;

interface Receiving {
  readonly find: FindSession;
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
  /** The folder of the build. */
  readonly folder: string;
}

/** Owns nothing: its folder belongs to the build. */
export class ServedFiles {
  readonly #receiving: Receiving;
  readonly #received = new Map<string, Promise<void>>();
  #count = 0;

  constructor(receiving: Receiving) {
    this.#receiving = receiving;
  }

  /** Fetches a build file and its ignore file. Returns the folder with them. Throws `not-found`, and what receiving does. */
  async fetchBuildFile(
    directory: string,
    filename: string,
  ): Promise<{ readonly folder: string; readonly path: string }> {
    const { progress } = this.#receiving;
    const folder = this.#createFolder('build-file');
    const name = `[internal] load build definition from ${filename}`;
    const lower = filename === 'Dockerfile' ? ['dockerfile'] : [];
    const follow = [filename, `${filename}.dockerignore`, ...lower];
    await progress.showWork('load/build-file', name, (moved) =>
      this.#receive({ directory, into: folder, follow }, (bytes, isAll) =>
        moved('transferring dockerfile:', bytes, isAll),
      ),
    );
    const found = [filename, ...lower].map((each) => join(folder, each)).find((path) => existsSync(path));
    if (found !== undefined) return { folder, path: found };
    const why = `failed to read dockerfile: open ${filename}: no such file or directory`;
    throw new MkimageError('not-found', why);
  }

  /** A folder for a directory of the client. It stays empty until `fill`. */
  createContext(): string {
    return this.#createFolder('context');
  }

  /** Fetches a directory, once. `buildFile`: its own ignore file comes before that of the directory. */
  fill(
    into: string,
    directory: string,
    { buildFile, namesOnly }: { readonly buildFile: string | undefined; readonly namesOnly: boolean },
  ): Promise<void> {
    const started = this.#received.get(into) ?? this.#fill(into, directory, { buildFile, namesOnly });
    this.#received.set(into, started);
    return started;
  }

  async #fill(
    into: string,
    directory: string,
    { buildFile, namesOnly }: { readonly buildFile: string | undefined; readonly namesOnly: boolean },
  ): Promise<void> {
    const { progress } = this.#receiving;
    const what = directory === 'context' ? 'build context' : `context ${directory}`;
    const exclude = await this.#fetchIgnorePatterns(directory, buildFile);
    await progress.showWork(`load/${directory}`, `[internal] load ${what}`, (moved) =>
      this.#receive({ directory, into, exclude, namesOnly }, (bytes, isAll) =>
        moved('transferring context:', bytes, isAll),
      ),
    );
  }

  async #fetchIgnorePatterns(directory: string, buildFile: string | undefined): Promise<readonly string[]> {
    const own = `${buildFile}.dockerignore`;
    if (buildFile !== undefined && existsSync(own)) return readIgnorePatterns(readFileSync(own, 'utf8'));
    const folder = this.#createFolder('ignore-file');
    await this.#receiving.progress.showWork(`ignore/${directory}`, '[internal] load .dockerignore', (moved) =>
      this.#receive({ directory, into: folder, follow: ['.dockerignore'] }, (bytes, isAll) =>
        moved('transferring context:', bytes, isAll),
      ),
    );
    const path = join(folder, '.dockerignore');
    return existsSync(path) ? readIgnorePatterns(readFileSync(path, 'utf8')) : [];
  }

  async #receive(
    wanted: Parameters<typeof receiveFiles>[1],
    moved: (bytes: number, isAll: boolean) => void,
  ): Promise<void> {
    const { find, signal } = this.#receiving;
    const session = await find(wanted.directory);
    let shown = 0;
    const received = await receiveFiles(session, wanted, {
      signal,
      arrived: ({ bytes }) => {
        if (bytes - shown < 1024 * 1024) return;
        shown = bytes;
        moved(bytes, false);
      },
    });
    moved(received.bytes, true);
  }

  #createFolder(name: string): string {
    this.#count += 1;
    const path = join(this.#receiving.folder, `${name}-${this.#count}`);
    mkdirSync(path, 0o700);
    return path;
  }
}
