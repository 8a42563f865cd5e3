/** Secrets and ssh agents of a build: checked when the build begins, read when a step asks for them. */
import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { resolve } from 'node:path';
import type { BuildRequest, SecretInput, SshInput } from '../../api/index.ts';
import { MkimageError, throwIfCancelled } from '../../errors.ts';
import type { SshAgent, StepSecrets } from '../../executor/index.ts';
import { kindOf, readPipe, readRegularFile } from '../../host/index.ts';
import type { Call } from '../../progress.ts';
import type { Caller } from '../call.ts';

/** The same limit as BuildKit. */
const LARGEST_SECRET = 500 * 1024;

type Asker = Pick<Caller, 'cwd' | 'env' | 'secrets'>;

/** The file of a secret. */
interface SecretFile {
  readonly id: string;
  /** Absolute. */
  readonly path: string;
  /** The path as the user gave it, for messages. */
  readonly shown: string;
}

/**
 * Checks the file of a secret before anything is built, as far as possible without reading it. Throws `usage`,
 * `limit`.
 */
export function checkSecrets({ secrets }: Pick<BuildRequest, 'secrets'>, { cwd }: Pick<Caller, 'cwd'>): void {
  for (const { id, source } of secrets) if (source.kind === 'file') checkFile(fileOf(id, source.path, cwd));
}

function checkFile(file: SecretFile): void {
  const stats = statOf(file);
  if (!stats.isFile() && !stats.isFIFO()) throw toReadError(file, new Error(`it is ${kindOf(stats)}, not a file`));
  if (stats.size > LARGEST_SECRET) throw toLimitError(file);
  try {
    accessSync(file.path, constants.R_OK);
  } catch (cause) {
    throw toReadError(file, cause);
  }
}

/**
 * Provides secrets and agents by id. A secret is read once and kept in memory, because a pipe (`src=<(pass show
 * token)`) can be read only once.
 */
export function openSecrets(request: Pick<BuildRequest, 'secrets' | 'ssh'>, asker: Asker): StepSecrets {
  const secrets = new Map(request.secrets.map((secret) => [secret.id, secret]));
  const agents = new Map(request.ssh.map((agent) => [agent.id, agent]));
  const values = new Map<string, Promise<Uint8Array | undefined>>();
  return {
    secret: async (id, call) => {
      throwIfCancelled(call.signal);
      const input = secrets.get(id);
      if (input === undefined && asker.secrets === undefined) return undefined;
      const value = values.get(id) ?? readGiven(input, id, { asker, call });
      values.set(id, value);
      value.catch(() => values.delete(id));
      return value;
    },
    sshAgent: async (id, call) => {
      const input = agents.get(id);
      return input === undefined ? asker.secrets?.sshAgent(id, call) : createAgent(findAgentSocket(input, asker));
    },
  };
}

/** A secret of the request, or one that the caller provides. */
function readGiven(
  input: SecretInput | undefined,
  id: string,
  { asker, call }: { readonly asker: Asker; readonly call: Pick<Call, 'signal'> },
): Promise<Uint8Array | undefined> {
  return input === undefined ? asker.secrets!.secret(id, call) : readSecret(input, asker, call);
}

async function readSecret(
  { id, source }: SecretInput,
  { cwd, env }: Asker,
  call: Pick<Call, 'signal'>,
): Promise<Uint8Array> {
  if (source.kind === 'env') return Buffer.from(readVariable(env, source.name));
  const file = fileOf(id, source.path, cwd);
  return statOf(file).isFIFO() ? readFromPipe(file, call) : readFile(file);
}

async function readFromPipe({ id, path, shown }: SecretFile, { signal }: Pick<Call, 'signal'>): Promise<Uint8Array> {
  const value = await readPipe(path, { what: `secret \`${id}\``, most: LARGEST_SECRET, signal });
  if (value.length > 0) return value;
  throw new MkimageError('usage', `read secret \`${id}\`: no data in the pipe \`${shown}\``);
}

function readFile(file: SecretFile): Uint8Array {
  try {
    return readRegularFile(file.path, LARGEST_SECRET);
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'EFBIG' ? toLimitError(file) : toReadError(file, cause);
  }
}

function fileOf(id: string, shown: string, cwd: string): SecretFile {
  return { id, path: resolve(cwd, shown), shown };
}

function statOf(file: SecretFile): Stats {
  try {
    return statSync(file.path);
  } catch (cause) {
    throw toReadError(file, cause);
  }
}

function toLimitError({ id, shown }: SecretFile): MkimageError {
  return new MkimageError('limit', `read secret \`${id}\`: \`${shown}\` is larger than 500 KiB`);
}

function toReadError({ id, shown }: SecretFile, cause: unknown): MkimageError {
  const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  const why = isMissing ? `no such file \`${shown}\`` : (cause as Error).message;
  return new MkimageError('usage', `read secret \`${id}\`: ${why}`, {
    ...(isMissing ? {} : { cause }),
    hint: `give a file with \`--secret id=${id},src=FILE\`, or a variable with \`--secret id=${id},env=NAME\``,
  });
}

function createAgent(path: string): SshAgent {
  return { connect: () => createConnection(path) };
}

function findAgentSocket(agent: SshInput, { cwd, env }: Asker): string {
  const given = agent.paths[0] ?? (env.SSH_AUTH_SOCK || undefined);
  if (given === undefined) {
    throw new MkimageError('usage', `use ssh agent \`${agent.id}\`: no agent is running`, {
      hint: 'start ssh-agent, or give its socket with --ssh default=PATH',
    });
  }
  const path = resolve(cwd, given);
  if (agent.paths.length <= 1 && statSync(path, { throwIfNoEntry: false })?.isSocket()) return path;
  throw new MkimageError('usage', `use ssh agent \`${agent.id}\`: \`${path}\` is not an agent socket`, {
    hint: 'add the key to an agent with ssh-add and give the socket of the agent',
  });
}

/**
 * Returns '' if the variable is not set, as Docker does. Looks only at own properties: every object inherits names as
 * `constructor`.
 */
function readVariable(env: Caller['env'], name: string): string {
  return Object.hasOwn(env, name) ? (env[name] ?? '') : '';
}
