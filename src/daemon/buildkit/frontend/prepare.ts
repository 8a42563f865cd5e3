/** Turns the wishes of a client into a request to the engine, with folders of ours for files of the client. */
import type { Readable } from 'node:stream';
import type { BuildRequest, NamedContextInput, OutputSpec } from '../../../api/index.ts';
import type { EngineCall } from '../../../engine/call.ts';
import type { SolveRequest } from '../control/build-messages.ts';
import { toByteStream } from '../session/byte-stream.ts';
import { METHODS } from '../session/messages.ts';
import type { Attributes } from './attributes.ts';
import { type MainContext, readFilename, readMainContext, readNamed, toStoredImage } from './inputs.ts';
import { createRequest } from './request.ts';
import type { DefinitionValue, Results } from './results.ts';
import type { FindSession, ServedFiles } from './served-files.ts';

export interface Wishes {
  readonly attributes: Attributes;
  readonly inputs: ReadonlyMap<string, DefinitionValue | undefined>;
  readonly solve: Pick<SolveRequest, 'entitlements' | 'cache'>;
  readonly outputs: readonly OutputSpec[];
  /** Only the names of files in contexts are of interest, not their contents. */
  readonly namesOnly: boolean;
}

interface Means {
  readonly files: ServedFiles;
  readonly find: FindSession;
  readonly results: Results;
  /** The root of the store. */
  readonly root: string;
  /** An empty folder. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly upload: Readable | undefined;
}

export interface Prepared {
  readonly request: BuildRequest;
  readonly call: Pick<EngineCall, 'cwd' | 'stdin' | 'beforeContext'>;
}

/** Fetches the build file. Contexts are fetched when a step needs them. Throws `usage`, `unsupported`, `not-found`. */
export async function prepare(wishes: Wishes, means: Means): Promise<Prepared> {
  const { attributes } = wishes;
  const main = readMainContext(attributes);
  const filename = readFilename(attributes);
  const directory = attributes.get('dockerfilekey') ?? (main.kind === 'served' ? 'dockerfile' : undefined);
  const file = directory === undefined ? undefined : await means.files.fetchBuildFile(directory, filename);
  const fills = new Map<string, () => Promise<void>>();
  const serve = (name: string, served: string): string => {
    const into = means.files.createContext();
    const buildFile = name === '' ? file?.path : undefined;
    fills.set(name, () => means.files.fill(into, served, { buildFile, namesOnly: wishes.namesOnly }));
    return into;
  };
  const request = createRequest(attributes, wishes.solve, {
    context: toContext(main, serve),
    file: { kind: 'path', path: file?.path ?? filename },
    namedContexts: nameContexts(wishes, means, serve),
    outputs: wishes.outputs,
  });
  const upload = main.kind === 'uploaded' ? await openUpload(main.path, means) : undefined;
  const cwd = file?.folder ?? means.folder;
  return { request, call: { cwd, stdin: upload, beforeContext: async (name) => fills.get(name)?.() } };
}

type Serve = (name: string, directory: string) => string;

function toContext(main: MainContext, serve: Serve): BuildRequest['context'] {
  switch (main.kind) {
    case 'served':
      return { kind: 'directory', path: serve('', main.directory) };
    case 'uploaded':
      return { kind: 'stdin' };
    case 'remote':
      return main.input;
    default:
      return main satisfies never;
  }
}

function nameContexts({ attributes, inputs }: Wishes, { results, root }: Means, serve: Serve) {
  const named = Object.entries(readNamed(attributes)).map(([name, context]): [string, NamedContextInput] => {
    if (context.kind === 'served') return [name, { kind: 'directory', path: serve(name, context.directory) }];
    if (context.kind === 'remote') return [name, context.input];
    return [name, toStoredImage(root, results.find(inputs.get(context.input)))];
  });
  return Object.fromEntries(named);
}

/** What the client has on its standard input: an archive. */
async function openUpload(path: string, { find, signal, upload }: Means): Promise<EngineCall['stdin']> {
  if (upload !== undefined) return () => upload;
  const session = await find('context');
  const call = session.open(METHODS.upload, { signal, metadata: { urlpath: `/${path}` } });
  const stream = toByteStream(call);
  stream.once('close', () => void call[Symbol.asyncDispose]());
  return () => stream;
}
