import type { BuildFileInput, ContextInput, NamedContextInput } from '../api/index.ts';
import { MkimageError } from '../errors.ts';
import { splitGitUrl } from '../notation/index.ts';

/** The context argument: `-`, a git or http(s) URL, else a directory. */
export function readContext(text: string): ContextInput {
  if (text === '-') return { kind: 'stdin' };
  if (splitGitUrl(text) !== undefined) return { kind: 'git', url: text };
  if (/^https?:\/\//.test(text)) return { kind: 'http', url: text };
  return { kind: 'directory', path: text };
}

/** `-f`: a path, `-`, or a URL. */
export function readBuildFileInput(text: string): BuildFileInput {
  if (text === '-') return { kind: 'stdin' };
  return /^https?:\/\//.test(text) ? { kind: 'http', url: text } : { kind: 'path', path: text };
}

/** `--build-context NAME=VALUE`, once for each use. The last use of a name wins. */
export function readNamedContexts(values: readonly string[]): Record<string, NamedContextInput> {
  return Object.fromEntries(values.map(readNamedContext));
}

function readNamedContext(value: string): readonly [string, NamedContextInput] {
  const equals = value.indexOf('=');
  if (equals < 1 || equals === value.length - 1) {
    throw new MkimageError('usage', `read \`--build-context ${value}\`: not of the form NAME=VALUE`, {
      hint: 'e.g. `--build-context docs=../docs` or `--build-context alpine=docker-image://alpine:3.20`',
    });
  }
  return [value.slice(0, equals), namedContext(value.slice(equals + 1))];
}

function namedContext(text: string): NamedContextInput {
  if (text.startsWith('docker-image://')) return { kind: 'image', reference: text.slice('docker-image://'.length) };
  if (text.startsWith('oci-layout://')) return ociLayout(text.slice('oci-layout://'.length));
  const input = readContext(text);
  if (input.kind !== 'stdin') return input;
  throw new MkimageError('usage', 'read `--build-context`: standard input can only be the main context');
}

/** `DIRECTORY[:TAG][@DIGEST]`; what follows the directory is handed on as it is. */
function ociLayout(text: string): NamedContextInput {
  const split = /^(.+?)(?::([^/:@]+))?(?:@(sha256:[0-9a-f]+))?$/.exec(text);
  const [, directory = text, tag, digest] = split ?? [];
  return { kind: 'oci-layout', directory, reference: digest ?? tag };
}
