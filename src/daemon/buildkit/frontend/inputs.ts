/** Where the files of a build come from, as the client names them. */
import { isAbsolute, join, normalize } from 'node:path';
import type { ContextInput, NamedContextInput } from '../../../api/index.ts';
import { readContext, readNamedContexts } from '../../../docker-syntax/index.ts';
import { MkimageError } from '../../../errors.ts';
import type { Digest } from '../../../oci/index.ts';
import { type Attributes, createRecord, listGroup, refuseAttribute } from './attributes.ts';

/** Schemes by which clients name their own files. */
const LOCAL = 'local:';
const UPLOAD = 'http://buildkit-session/';
const INPUT = 'input:';

/** A context of the client: a directory that it serves, what it uploads, or a place that the engine reads itself. */
export type MainContext =
  | { readonly kind: 'served'; readonly directory: string }
  | { readonly kind: 'uploaded'; readonly path: string }
  | { readonly kind: 'remote'; readonly input: ContextInput };

/** Throws `usage`, `unsupported`. */
export function readMainContext(attributes: Attributes): MainContext {
  const directory = attributes.get('contextkey') ?? 'context';
  const value = attributes.get('context') ?? '';
  if (value === '') return { kind: 'served', directory };
  if (value.startsWith(LOCAL)) return { kind: 'served', directory: value.slice(LOCAL.length) };
  if (value.startsWith(UPLOAD)) return { kind: 'uploaded', path: value.slice(UPLOAD.length) };
  const input = readContext(value);
  if (input.kind === 'git' || input.kind === 'http') return { kind: 'remote', input };
  throw refuseAttribute('context', value, 'neither a git repository nor a URL');
}

/** A named context. `image`: a result of an earlier build of the same client. */
export type NamedContext =
  | { readonly kind: 'served'; readonly directory: string }
  | { readonly kind: 'result'; readonly input: string }
  | { readonly kind: 'remote'; readonly input: NamedContextInput };

/** Throws `usage`, `unsupported`. Paths on this machine are not for clients. */
export function readNamed(attributes: Attributes): Readonly<Record<string, NamedContext>> {
  return createRecord(listGroup(attributes, 'context:').map(([name, value]) => [name, readOne(name, value)] as const));
}

function readOne(name: string, value: string): NamedContext {
  if (value.startsWith(LOCAL)) return { kind: 'served', directory: value.slice(LOCAL.length) };
  if (value.startsWith(INPUT)) return { kind: 'result', input: value.slice(INPUT.length) };
  const { input } = readNamedContexts([`input=${value}`]);
  if (input?.kind === 'image' || input?.kind === 'git' || input?.kind === 'http') return { kind: 'remote', input };
  if (input?.kind === 'oci-layout')
    throw new MkimageError('unsupported', `open context \`${name}\`: layouts of the client are not supported`, {
      hint: 'push the image to a registry, or load it',
    });
  throw refuseAttribute(`context:${name}`, value, 'not a context');
}

/** The image of an earlier result, in the store. */
export function toStoredImage(root: string, manifest: Digest): NamedContextInput {
  return { kind: 'oci-layout', directory: join(root, 'images'), reference: manifest };
}

/** The build file, by its path in the directory that has it. Throws `usage` for one outside. */
export function readFilename(attributes: Attributes): string {
  const given = attributes.get('filename') || 'Dockerfile';
  const path = normalize(given);
  if (isAbsolute(path) || path === '..' || path.startsWith('../'))
    throw refuseAttribute('filename', given, 'it leads out of its directory');
  return path;
}
