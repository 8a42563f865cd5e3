/** What a client provides to its build over its session: secrets, agents, credentials of registries. */
import type { Duplex } from 'node:stream';
import type { EngineCall } from '../../../engine/call.ts';
import { isMkimageError, MkimageError } from '../../../errors.ts';
import { toByteStream } from './byte-stream.ts';
import { METHODS } from './messages.ts';
import type { Session } from './session.ts';

type Secrets = NonNullable<EngineCall['secrets']>;
type Credentials = NonNullable<EngineCall['findCredentials']>;

/** The same limit as BuildKit. */
const LARGEST_SECRET = 500 * 1024;
/** Docker's name of its registry in credentials: clients look up their entry for it. */
const DOCKER_HUB = 'registry-1.docker.io';

export function createSecrets(session: Session): Secrets {
  return {
    secret: async (id, { signal }) => {
      if (!session.offers(METHODS.secret)) return undefined;
      const answer = await askIfThere(() => session.ask(METHODS.secret, { id }, { signal }));
      if (answer !== undefined && answer.data.length > LARGEST_SECRET)
        throw new MkimageError('limit', `read secret \`${id}\`: it is larger than 500 KiB`);
      return answer?.data;
    },
    sshAgent: async (id, { signal }) => {
      if (!session.offers(METHODS.forwardAgent)) return undefined;
      const found = await askIfThere(() => session.ask(METHODS.checkAgent, { id }, { signal }));
      return found && { connect: () => connectAgent(session, id, signal) };
    },
  };
}

function connectAgent(session: Session, id: string, signal: AbortSignal): Duplex {
  const call = session.open(METHODS.forwardAgent, { signal, metadata: { 'buildkit.ssh.id': id } });
  const stream = toByteStream(call);
  stream.once('close', () => void call[Symbol.asyncDispose]());
  return stream;
}

/** Asks the client for the login of a registry. */
export function createCredentials(session: Session): Credentials {
  return async (registry, _repository, { signal }) => {
    if (!session.offers(METHODS.credentials)) return undefined;
    const host = registry === 'docker.io' ? DOCKER_HUB : registry;
    const answer = await askIfThere(() => session.ask(METHODS.credentials, { host }, { signal }));
    if (answer === undefined || answer.secret === '') return undefined;
    const { username, secret } = answer;
    // As in containerd, a secret without a name is a refresh token.
    return username === '' ? { username, secret, kind: 'identity-token' } : { username, secret };
  };
}

/** undefined: the client does not have it, or does not serve the method. Other failures are thrown. */
async function askIfThere<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isMkimageError(error, 'not-found') || isMkimageError(error, 'unsupported')) return undefined;
    throw error;
  }
}
