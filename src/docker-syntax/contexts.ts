import type { BuildFileInput, ContextInput, NamedContextInput } from '../api/index.ts';
import { MkimageError } from '../errors.ts';
import { splitGitUrl } from '../notation/index.ts';

/** Reads the context argument: `-`, a git or http(s) URL, or a directory. */
export function readContext(text: string): ContextInput {
  if (text === '-') return { kind: 'stdin' };
  if (splitGitUrl(text) !== undefined) return { kind: 'git', url: text };
  if (/^https?:\/\//.test(text)) return { kind: 'http', url: text };
  return { kind: 'directory', path: text };
}

/** Reads `-f`: a path, `-`, or a URL. */
export function readBuildFileInput(text: string): BuildFileInput {
  if (text === '-') return { kind: 'stdin' };
  return /^https?:\/\//.test(text) ? { kind: 'http', url: text } : { kind: 'path', path: text };
}

/** Reads the values of `--build-context NAME=VALUE`. The last value of a name wins. Throws `usage`. */
export function readNamedContexts(values: readonly string[]): Record<string, NamedContextInput> {
  return Object.fromEntries(values.map(readNamedContext));
}

function readNamedContext(value: string): readonly [string, NamedContextInput] {
  const equals = value.indexOf('=');
  if (equals < 1 || equals === value.length - 1) {
    throw new MkimageError('usage', `read \`--build-context ${value}\`: expected NAME=VALUE`, {
      hint: 'e.g. `--build-context docs=../docs` or `--build-context alpine=docker-image://alpine:3.20`',
    });
  }
  return [value.slice(0, equals), readNamedContextInput(value.slice(equals + 1))];
}

function readNamedContextInput(text: string): NamedContextInput {
  if (text.startsWith('docker-image://')) return { kind: 'image', reference: text.slice('docker-image://'.length) };
  if (text.startsWith('oci-layout://')) return readOciLayout(text.slice('oci-layout://'.length));
  const input = readContext(text);
  if (input.kind !== 'stdin') return input;
  throw new MkimageError('usage', 'read `--build-context`: standard input can only be the main context');
}

/** Reads `DIRECTORY[:TAG][@DIGEST]`. Tag and digest are not checked here. */
function readOciLayout(text: string): NamedContextInput {
  const split = /^(.+?)(?::([^/:@]+))?(?:@(sha256:[0-9a-f]+))?$/.exec(text);
  const [, directory = text, tag, digest] = split ?? [];
  return { kind: 'oci-layout', directory, reference: digest ?? tag };
}
