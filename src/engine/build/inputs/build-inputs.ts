/** The inputs of a build: its build file, its main context and its named contexts. Each is opened on first use. */
import { isAbsolute, join, resolve } from 'node:path';
import type { BuildRequest } from '../../../api/index.ts';
import type { BuildContext } from '../../../context/index.ts';
import { MkimageError } from '../../../errors.ts';
import { markUsed } from '../../../host/index.ts';
import { digestOf, encodedOf, removeCredentials } from '../../../oci/index.ts';
import type { Call } from '../../../progress.ts';
import { MOST_TEXT } from '../../bounds.ts';
import { type EngineCall, inputOf } from '../../call.ts';
import type { Services } from '../../services.ts';
import {
  type BuildFileText,
  type IgnoreFile,
  readBuildFile,
  readBuildFileIn,
  readIgnoreFile,
  readNamedIgnoreFile,
} from './build-file.ts';

export interface BuildInputs extends AsyncDisposable {
  readonly file: BuildFileText;
  /** The place of the main context: identifies this build file across builds. */
  readonly place: string;
  /** '' is the main context. */
  openContext(name: string): Promise<BuildContext>;
  /** Lets every opened context store its digests. */
  save(): void;
}

/** Reads the build file; contexts are opened later. Throws `not-found` and `usage`. */
export async function openBuildInputs(
  services: Services,
  request: BuildRequest,
  call: EngineCall,
): Promise<BuildInputs> {
  call.log?.hide(Object.values(request.buildArgs));
  const main = await openMain(services, request, call);
  call.log?.debug('context', 'build file read', {
    file: main.file.name,
    bytes: main.file.bytes.length,
    context: main.place,
  });
  const opened = new Map<string, Promise<BuildContext>>();
  const ready: BuildContext[] = [];
  const open = async (name: string): Promise<BuildContext> => {
    await call.beforeContext?.(name);
    const context = await (name === '' ? main.open() : openNamedContext(services, { request, name }, call));
    ready.push(context);
    return context;
  };
  return {
    file: main.file,
    place: main.place,
    openContext: (name) => {
      const found = opened.get(name) ?? open(name);
      opened.set(name, found);
      return found;
    },
    save: () => {
      for (const context of ready) context.save();
    },
    [Symbol.asyncDispose]: async () => {
      for (const context of ready) await context[Symbol.asyncDispose]();
    },
  };
}

interface MainInput {
  readonly file: BuildFileText;
  readonly place: string;
  readonly open: () => Promise<BuildContext>;
}

async function openMain(services: Services, request: BuildRequest, call: EngineCall): Promise<MainInput> {
  const { context, file } = request;
  const given = await readFileOutsideContext(services, request, call);
  if (context.kind === 'directory') {
    const directory = resolve(call.cwd, context.path);
    return createDirectoryInput(
      services,
      { directory, file: given ?? readBuildFile(directory, pathOf(file), call.cwd) },
      call,
    );
  }
  const fetched = await services.contexts.fetch(context, { keepGitDir: keepsGitDir(request) }, call);
  const place = context.kind === 'stdin' ? 'stdin' : removeCredentials(context.url);
  if (fetched.kind === 'build-file') {
    if (file?.kind === 'path' && context.kind === 'stdin') throw createTwoFilesError(file.path);
    const { name, bytes } = fetched;
    return { file: given ?? { name, bytes, path: undefined }, place, open: async () => services.contexts.empty() };
  }
  const text = given ?? { ...(await readBuildFileIn(fetched.context, pathOf(file), call)), path: undefined };
  return { file: text, place, open: async () => fetched.context };
}

function keepsGitDir({ buildArgs }: BuildRequest): boolean {
  return /^(?:1|t|true)$/i.test(buildArgs.BUILDKIT_CONTEXT_KEEP_GIT_DIR ?? '');
}

function createTwoFilesError(file: string): MkimageError {
  return new MkimageError('usage', `read build file \`${file}\`: standard input contains a build file too`, {
    hint: 'omit `-f`, or send an archive',
  });
}

/**
 * Reads a build file outside the context: from standard input, a URL, or by its absolute path with a remote context.
 */
async function readFileOutsideContext(
  services: Services,
  { context, file }: BuildRequest,
  call: EngineCall,
): Promise<BuildFileText | undefined> {
  switch (file?.kind) {
    case undefined:
      return undefined;
    case 'path': {
      const isBeside = isAbsolute(file.path) && (context.kind === 'git' || context.kind === 'http');
      return isBeside ? readBuildFile('/', file.path, '/') : undefined;
    }
    case 'stdin':
      if (context.kind !== 'stdin') return { name: 'Dockerfile', bytes: await readStdin(call), path: undefined };
      throw new MkimageError('usage', 'read build file: standard input cannot be both context and build file', {
        hint: 'with `-` as context, `-f` names a file in the archive',
      });
    case 'http':
      return fetchBuildFile(services, file.url, call);
    default:
      return file satisfies never;
  }
}

async function fetchBuildFile(services: Services, url: string, call: EngineCall): Promise<BuildFileText> {
  const fetched = await services.contexts.fetch({ kind: 'http', url }, { keepGitDir: false }, call);
  if (fetched.kind === 'build-file') return { name: removeCredentials(url), bytes: fetched.bytes, path: undefined };
  await fetched.context[Symbol.asyncDispose]();
  throw new MkimageError('usage', `read build file \`${removeCredentials(url)}\`: it is an archive`, {
    hint: 'give an archive as the context, and with `-f` the build file in it',
  });
}

function pathOf(file: BuildRequest['file']): string | undefined {
  return file?.kind === 'path' ? file.path : undefined;
}

async function readStdin(call: EngineCall): Promise<Uint8Array> {
  const { readStream } = await import('../../../host/index.ts');
  return readStream(inputOf(call, 'build file'), {
    what: 'build file from standard input',
    most: MOST_TEXT,
    signal: call.signal,
  });
}

function createDirectoryInput(
  services: Services,
  { directory, file }: { readonly directory: string; readonly file: BuildFileText },
  call: Call,
): MainInput {
  return {
    file,
    place: directory,
    open: async () => {
      return openLocalContext(services, { directory, ignoreFile: readIgnoreFile(directory, file.path) }, call);
    },
  };
}

function openLocalContext(
  services: Services,
  { directory, ignoreFile }: { readonly directory: string; readonly ignoreFile: IgnoreFile | undefined },
  call: Call,
): BuildContext {
  call.log?.debug('context', 'directory', { directory, ignoreFile: ignoreFile?.name ?? 'none' });
  const options = { directory, ignoreFile, statCacheFile: useStatCacheFile(services, directory) };
  return services.contexts.local(options, call);
}

function useStatCacheFile(services: Services, directory: string): string {
  const file = join(services.folder('contexts'), encodedOf(digestOf(directory)));
  markUsed(file, Date.parse(services.config.now()));
  return file;
}

/** Opens a named context. Throws `not-found`, and `internal` for one that is an image. */
export async function openNamedContext(
  services: Services,
  { request, name }: { readonly request: Pick<BuildRequest, 'namedContexts'>; readonly name: string },
  call: EngineCall,
): Promise<BuildContext> {
  const input = request.namedContexts[name];
  if (input === undefined) throw new MkimageError('not-found', `open context \`${name}\`: no such --build-context`);
  switch (input.kind) {
    case 'directory': {
      const directory = resolve(call.cwd, input.path);
      return openLocalContext(services, { directory, ignoreFile: readNamedIgnoreFile(directory) }, call);
    }
    case 'git':
    case 'http':
      return services.contexts.remote(input, call);
    case 'image':
    case 'oci-layout':
      throw new MkimageError('internal', `open context \`${name}\`: it is an image`);
    default:
      return input satisfies never;
  }
}
