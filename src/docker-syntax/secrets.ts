import type { SecretInput, SshInput } from '../api/index.ts';
import { MkimageError } from '../errors.ts';
import { createSuggestionHint } from '../notation/index.ts';
import { readPairs } from './csv.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const SECRET_KEYS = ['id', 'src', 'source', 'env', 'type'];

/**
 * Reads `--secret id=ID[,src=FILE][,env=NAME][,type=file|env]`. As in Docker, the default source is the environment variable
 * with the name of the id, or the file with this name if there is no such variable. Throws `usage`.
 */
export function readSecret(value: string, env: Environment): SecretInput {
  const given = new Map(readPairs(value).map(([key, text]) => [key === 'source' ? 'src' : key, text] as const));
  const unknown = [...given.keys()].find((key) => !SECRET_KEYS.includes(key));
  if (unknown !== undefined) {
    throw createSecretError(
      value,
      `unknown key \`${unknown}\``,
      createSuggestionHint(unknown, SECRET_KEYS, 'keys are id, src, env, type'),
    );
  }
  const id = given.get('id') ?? '';
  if (id === '') throw createSecretError(value, '`id` is missing', 'e.g. `--secret id=token,src=token.txt`');
  const type = given.get('type') ?? 'file';
  if (type !== 'file' && type !== 'env')
    throw createSecretError(value, `unknown type \`${type}\``, 'one of `file`, `env`');
  return { id, source: findSource(id, env, { src: given.get('src'), name: given.get('env'), type }) };
}

interface SecretKeys {
  readonly src: string | undefined;
  readonly name: string | undefined;
  readonly type: 'file' | 'env';
}

function findSource(id: string, env: Environment, { src, name, type }: SecretKeys): SecretInput['source'] {
  if (name) return { kind: 'env', name };
  if (type === 'env') return { kind: 'env', name: src || id };
  if (src) return { kind: 'file', path: src };
  return Object.hasOwn(env, id) ? { kind: 'env', name: id } : { kind: 'file', path: id };
}

/** Reads `--ssh default`, `--ssh ID=SOCKET` or `--ssh ID=KEY,KEY`. Throws `usage`. */
export function readSsh(value: string): SshInput {
  const equals = value.indexOf('=');
  const id = equals === -1 ? value : value.slice(0, equals);
  if (id === '')
    throw new MkimageError('usage', `read \`--ssh ${value}\`: the id is missing`, { hint: 'e.g. `--ssh default`' });
  const paths = equals === -1 ? [] : value.slice(equals + 1).split(',');
  return { id, paths: paths.filter((path) => path !== '') };
}

function createSecretError(value: string, why: string, hint: string): MkimageError {
  return new MkimageError('usage', `read \`--secret ${value}\`: ${why}`, { hint });
}
