import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BuildRequest, SecretInput, SshInput } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import type { StepSecrets } from '../../executor/index.ts';
import { readRegularFile } from '../../host/index.ts';
import type { Caller, EngineCall } from '../call.ts';

/** As in BuildKit. */
const LARGEST_SECRET = 500 * 1024;

interface SecretFile {
  /** Absolute. */
  readonly path: string;
  /** As it was given, for messages. */
  readonly shown: string;
}

/** A secret that was looked at: what came through a pipe is in memory, and a path is absolute. */
export interface TakenSecret {
  readonly id: string;
  readonly source:
    | Extract<SecretInput['source'], { kind: 'env' }>
    | ({ readonly kind: 'file' } & SecretFile)
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array };
}

/**
 * Looks at the files of secrets: what is wrong with one is told before anything is built. Pipes (`src=<(pass show token)`)
 * are read, because they can be read only once. Throws `usage`, `limit`, `cancelled`.
 */
export async function takeSecrets(secrets: BuildRequest['secrets'], call: EngineCall): Promise<readonly TakenSecret[]> {
  const taken: TakenSecret[] = [];
  for (const secret of secrets) taken.push(await takeSecret(secret, call));
  return taken;
}

async function takeSecret({ id, source }: SecretInput, { cwd, signal }: EngineCall): Promise<TakenSecret> {
  if (source.kind !== 'file') return { id, source };
  const file = { path: resolve(cwd, source.path), shown: source.path };
  if (!statOf(id, file).isFIFO()) {
    readFile(id, file);
    return { id, source: { kind: 'file', ...file } };
  }
  const { readPipe } = await import('../../host/index.ts');
  const bytes = await readPipe(file.path, `secret \`${id}\``, LARGEST_SECRET, signal);
  if (bytes.length > 0) return { id, source: { kind: 'bytes', bytes } };
  throw new MkimageError('usage', `read secret \`${id}\`: nothing is written to the pipe \`${source.path}\``);
}

/** Secrets and agents by id. Files are read when a step asks for them, once. */
export function buildSecrets(
  taken: readonly TakenSecret[],
  ssh: BuildRequest['ssh'],
  caller: Pick<Caller, 'cwd' | 'env'>,
): StepSecrets {
  const secrets = new Map(taken.map((secret) => [secret.id, secret]));
  const agents = new Map(ssh.map((agent) => [agent.id, agent]));
  const values = new Map<string, Uint8Array | undefined>();
  return {
    secret: (id) => {
      const input = secrets.get(id);
      if (!values.has(id)) values.set(id, input && readSecret(input, caller));
      return values.get(id);
    },
    sshSocket: (id) => {
      const input = agents.get(id);
      return input && agentSocket(input, caller);
    },
  };
}

function readSecret({ id, source }: TakenSecret, caller: Pick<Caller, 'env'>): Uint8Array {
  switch (source.kind) {
    case 'env':
      return Buffer.from(variable(caller, source.name));
    case 'file':
      return readFile(id, source);
    case 'bytes':
      return source.bytes;
  }
}

function readFile(id: string, { path, shown }: SecretFile): Uint8Array {
  try {
    return readRegularFile(path, LARGEST_SECRET);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EFBIG') throw unreadable(id, shown, cause);
    throw new MkimageError('limit', `read secret \`${id}\`: \`${shown}\` is larger than 500 KiB`);
  }
}

function statOf(id: string, { path, shown }: SecretFile): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    throw unreadable(id, shown, cause);
  }
}

function unreadable(id: string, path: string, cause: unknown): MkimageError {
  const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  const why = isMissing ? `there is no file \`${path}\`` : (cause as Error).message;
  return new MkimageError('usage', `read secret \`${id}\`: ${why}`, {
    ...(isMissing ? {} : { cause }),
    hint: `a file is given with \`--secret id=${id},src=FILE\`, a variable with \`--secret id=${id},env=NAME\``,
  });
}

function agentSocket(agent: SshInput, { cwd, env }: Pick<Caller, 'cwd' | 'env'>): string {
  const given = agent.paths[0] ?? (env.SSH_AUTH_SOCK || undefined);
  if (given === undefined) {
    throw new MkimageError('usage', `use ssh agent \`${agent.id}\`: no agent is running`, {
      hint: 'start ssh-agent, or give its socket with --ssh default=PATH',
    });
  }
  const path = resolve(cwd, given);
  if (agent.paths.length <= 1 && statSync(path, { throwIfNoEntry: false })?.isSocket()) return path;
  throw new MkimageError('usage', `use ssh agent \`${agent.id}\`: \`${path}\` is no agent socket`, {
    hint: 'add the key to an agent with ssh-add and give the agent',
  });
}

/** Empty if it is not set, as with Docker. The environment is an object like others: it has a `constructor` that nobody set. */
function variable({ env }: Pick<Caller, 'env'>, name: string): string {
  return Object.hasOwn(env, name) ? (env[name] ?? '') : '';
}
