/** `RUN --mount=type=secret` and `type=ssh`: asks for the secret or agent only when the step needs it. */
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MkimageError, throwIfCancelled } from '../../errors.ts';
import { isRoot } from '../../host/index.ts';
import type { RunMount } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import type { SshAgent, StepSecrets } from '../services.ts';

export type SecretMount = Extract<RunMount, { type: 'secret' }>;
export type SshMount = Extract<RunMount, { type: 'ssh' }>;

type Asking = Pick<Call, 'signal'>;

/**
 * Returns the bytes of the secret, or undefined if it was not given and is not required. Throws `usage` and the errors
 * of `StepSecrets`.
 */
export async function askForSecret(
  secrets: StepSecrets,
  { id, required }: SecretMount,
  call: Asking,
): Promise<Uint8Array | undefined> {
  const value = await secrets.secret(id, call);
  throwIfCancelled(call.signal);
  if (value !== undefined || !required) return value;
  throw new MkimageError('usage', `secret \`${id}\` is required and was not given`, {
    hint: `give it with --secret id=${id},src=FILE`,
  });
}

/** Returns the ssh agent, or undefined if it was not given and is not required. Throws as `askForSecret`. */
export async function askForAgent(
  secrets: StepSecrets,
  { id, required }: SshMount,
  call: Asking,
): Promise<SshAgent | undefined> {
  const agent = await secrets.sshAgent(id, call);
  throwIfCancelled(call.signal);
  if (agent !== undefined || !required) return agent;
  throw new MkimageError('usage', `ssh agent \`${id}\` is required and was not given`, {
    hint: `give it with --ssh ${id}`,
  });
}

interface SecretContent {
  readonly name: string;
  readonly value: Uint8Array;
}

/** Writes the secret as a file that only the step's user can read, or as its mode allows. `directory` is in memory. */
export function writeSecret(directory: string, mount: SecretMount, { name, value }: SecretContent): string {
  const file = join(directory, name);
  writeFileSync(file, value, { mode: 0o600 });
  if (isRoot()) chownSync(file, mount.uid, mount.gid);
  chmodSync(file, mount.mode);
  return file;
}
