/**
 * `createMkimage context ls`: lists what COPY, ADD and bind mounts see of a context, and which ignore lines hide the rest.
 */
import { resolve } from 'node:path';
import type { ContextAnswer, ContextEntry, ContextRequest, HiddenEntry } from '../../api/index.ts';
import { cleanPath, type FileEntry, type FileTree, walkTree } from '../../content/index.ts';
import type { BuildContext } from '../../context/index.ts';
import { MkimageError } from '../../errors.ts';
import { type Call, createQuietCall } from '../../progress.ts';
import {
  findBuildFile,
  type IgnoreFile,
  openNamedContext,
  readIgnoreFile,
  readNamedIgnoreFile,
} from '../build/index.ts';
import type { EngineCall } from '../call.ts';
import type { Services } from '../services.ts';

/** Answers what is asked of the main context ('') or a named one. Throws as `openListing`, and `not-found` for a path that is not there. */
export async function listContext(
  services: Services,
  request: ContextRequest,
  call: EngineCall,
): Promise<ContextAnswer> {
  await using listing = await openListing(services, request, call);
  const { ask } = request;
  switch (ask.kind) {
    case 'seen':
      return { kind: 'seen', entries: await listing.listSeen(call) };
    case 'hidden':
      return { kind: 'hidden', hidden: await listing.listHidden(call) };
    case 'verdicts': {
      const verdicts: (ContextEntry | HiddenEntry)[] = [];
      for (const path of ask.paths) verdicts.push(await listing.judge(path, call));
      return { kind: 'verdicts', verdicts };
    }
    default:
      return ask satisfies never;
  }
}

/** Opens the main context ('') or a named one. Throws `not-found` and `usage`, and `build-file` for a createAnnotationError ignore file. */
async function openListing(services: Services, request: ContextRequest, call: EngineCall): Promise<Listing> {
  const { name } = request;
  const directory = directoryOf(request, name, call.cwd);
  if (directory === undefined) {
    const context = await openOtherContext(services, { request, name }, call);
    return new Listing(name, context, context);
  }
  const ignoreFile = name === '' ? ignoreFileOf(request, directory, call.cwd) : readNamedIgnoreFile(directory);
  const open = (rules: IgnoreFile | undefined, opening: Call) =>
    services.contexts.local({ directory, ignoreFile: rules, statCacheFile: undefined }, opening);
  return new Listing(name, open(ignoreFile, call), open(undefined, createQuietCall()));
}

function directoryOf({ context, namedContexts }: ContextRequest, name: string, cwd: string): string | undefined {
  const input = name === '' ? context : namedContexts[name];
  return input?.kind === 'directory' ? resolve(cwd, input.path) : undefined;
}

/** Chooses the same ignore file as a build. */
function ignoreFileOf(request: ContextRequest, directory: string, cwd: string): IgnoreFile | undefined {
  return readIgnoreFile(directory, findBuildFile(directory, request.file, cwd));
}

/** Opens archives and repositories, to which no ignore file applies. */
async function openOtherContext(
  services: Services,
  { request, name }: { readonly request: ContextRequest; readonly name: string },
  call: EngineCall,
): Promise<BuildContext> {
  const kind = request.namedContexts[name]?.kind;
  if (kind === 'image' || kind === 'oci-layout') {
    throw new MkimageError('usage', `list context \`${name}\`: it is an image`, {
      hint: 'images are always visible as a whole; no ignore file applies to them',
    });
  }
  if (name !== '' || request.context.kind === 'directory') return openNamedContext(services, { request, name }, call);
  const fetched = await services.contexts.fetch(request.context, { keepGitDir: false }, call);
  return fetched.kind === 'context' ? fetched.context : services.contexts.empty();
}

/** An open context to list. */
class Listing implements AsyncDisposable {
  readonly name: string;
  readonly #seen: BuildContext;
  /** The same context without an ignore file. */
  readonly #whole: BuildContext;

  constructor(name: string, seen: BuildContext, whole: BuildContext) {
    this.name = name;
    this.#seen = seen;
    this.#whole = whole;
  }

  async listSeen(call: Call): Promise<readonly FileEntry[]> {
    return [...walkTree(await this.#seen.scan([''], call))].slice(1);
  }

  async listHidden(call: Call): Promise<readonly HiddenEntry[]> {
    const seen = await this.#seen.scan([''], call);
    const whole = await this.#whole.scan([], call);
    const isSeen = ({ path }: FileEntry): boolean => path === '' || seen.stat(path) !== undefined;
    return [...walkTree(whole, '', isSeen)].flatMap((entry) => (isSeen(entry) ? [] : (this.#toHidden(entry) ?? [])));
  }

  async judge(path: string, call: Call): Promise<FileEntry | HiddenEntry> {
    const cleaned = cleanPath(path);
    const entry = (await this.#whole.scan([], call)).stat(cleaned);
    if (entry === undefined) throw await this.#createMissingError(path);
    const seen: FileTree = await this.#seen.scan([], call);
    return seen.stat(cleaned) ?? this.#toHidden(entry) ?? entry;
  }

  /** Returns undefined for a directory that no line names but in which nothing is visible. */
  #toHidden(entry: FileEntry): HiddenEntry | undefined {
    const by = this.#seen.ignoredBy(entry.path);
    return by === undefined ? undefined : { entry, by };
  }

  async #createMissingError(path: string): Promise<MkimageError> {
    const similar = await this.#whole.similar(path);
    return new MkimageError('not-found', `\`${path}\` is not in the context \`${this.#whole.name}\``, {
      hint: similar.length === 0 ? '`createMkimage context ls` lists its files' : `similar: ${similar.join(', ')}`,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#seen[Symbol.asyncDispose]();
    if (this.#whole !== this.#seen) await this.#whole[Symbol.asyncDispose]();
  }
}
