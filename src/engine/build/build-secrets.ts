import { type Stats, statSync } from 'node:fs';
import type { BuildRequest, SecretInput, SshInput } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import type { StepSecrets } from '../../executor/index.ts';
import { readRegularFile } from '../../host/index.ts';
import type { Config } from '../config.ts';

/** As in BuildKit. */
const LARGEST_SECRET = 500 * 1024;

/**
 * Looks at the files of secrets: what is wrong with one is told before anything is built. Pipes (`src=<(pass show token)`)
 * are read, because they can be read only once. Throws `usage`, `limit`, `cancelled`.
 */
export async function takeSecrets(request: BuildRequest, signal: AbortSignal): Promise<BuildRequest> {
  if (request.secrets.length === 0) return request;
  const secrets: SecretInput[] = [];
  for (const secret of request.secrets) secrets.push(await takeSecret(secret, signal));
  return { ...request, secrets };
}

async function takeSecret(secret: SecretInput, signal: AbortSignal): Promise<SecretInput> {
  const { id, source } = secret;
  if (source.kind !== 'file') return secret;
  if (!statOf(id, source.path).isFIFO()) {
    readFile(id, source.path);
    return secret;
  }
  const { readPipe } = await import('../../host/index.ts');
  const value = await readPipe(source.path, `secret \`${id}\``, LARGEST_SECRET, signal);
  if (value.length > 0) return { id, source: { kind: 'value', value } };
  throw new MkimageError('usage', `read secret \`${id}\`: nothing is written to the pipe \`${source.path}\``);
}

/** Secrets and agents by id. Files are read when a step asks for them, once. */
export function buildSecrets(request: BuildRequest, config: Config): StepSecrets {
  const secrets = new Map(request.secrets.map((secret) => [secret.id, secret]));
  const agents = new Map(request.ssh.map((agent) => [agent.id, agent]));
  const values = new Map<string, Uint8Array | undefined>();
  return {
    secret: (id) => {
      const input = secrets.get(id);
      if (!values.has(id)) values.set(id, input && readSecret(input, config));
      return values.get(id);
    },
    sshSocket: (id) => {
      const input = agents.get(id);
      return input && agentSocket(input, config);
    },
  };
}

function readSecret(secret: SecretInput, config: Config): Uint8Array {
  const { id, source } = secret;
  switch (source.kind) {
    case 'env':
      return Buffer.from(variable(config, source.name));
    case 'file':
      return readFile(id, source.path);
    case 'value':
      return source.value;
  }
}

function readFile(id: string, path: string): Uint8Array {
  try {
    return readRegularFile(path, LARGEST_SECRET);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EFBIG') throw unreadable(id, path, cause);
    throw new MkimageError('limit', `read secret \`${id}\`: \`${path}\` is larger than 500 KiB`);
  }
}

function statOf(id: string, path: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    throw unreadable(id, path, cause);
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

function agentSocket(agent: SshInput, config: Config): string {
  const path = agent.paths[0] ?? config.sshAuthSock;
  if (path === undefined) {
    throw new MkimageError('usage', `use ssh agent \`${agent.id}\`: no agent is running`, {
      hint: 'start ssh-agent, or give its socket with --ssh default=PATH',
    });
  }
  if (agent.paths.length <= 1 && statSync(path, { throwIfNoEntry: false })?.isSocket()) return path;
  throw new MkimageError('usage', `use ssh agent \`${agent.id}\`: \`${path}\` is no agent socket`, {
    hint: 'add the key to an agent with ssh-add and give the agent',
  });
}

/** Empty if it is not set, as with Docker. The environment is an object like others: it has a `constructor` that nobody set. */
function variable({ environment }: Config, name: string): string {
  return Object.hasOwn(environment, name) ? (environment[name] ?? '') : '';
}
