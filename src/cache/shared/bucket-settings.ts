/** Settings of a bucket from the environment and the files of AWS's own programs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export interface BucketIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** The variables, then the profile in `~/.aws/credentials`. undefined: there is none. */
export function findIdentity(env: Environment): BucketIdentity | undefined {
  return identityOf(env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY, env.AWS_SESSION_TOKEN) ?? readProfile(env);
}

export function findRegion(env: Environment): string | undefined {
  return env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined;
}

function identityOf(id: string | undefined, secret: string | undefined, token: string | undefined) {
  if (!id || !secret) return undefined;
  return { accessKeyId: id, secretAccessKey: secret, sessionToken: token || undefined };
}

function readProfile(env: Environment): BucketIdentity | undefined {
  const file = env.AWS_SHARED_CREDENTIALS_FILE || (env.HOME ? join(env.HOME, '.aws', 'credentials') : undefined);
  if (file === undefined) return undefined;
  const values = readSection(file, env.AWS_PROFILE || 'default');
  return identityOf(
    values.get('aws_access_key_id'),
    values.get('aws_secret_access_key'),
    values.get('aws_session_token'),
  );
}

function readSection(file: string, wanted: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let section = '';
  for (const line of readLines(file)) {
    const text = line.trim();
    if (text.startsWith('[')) section = text.slice(1).split(']', 1)[0]!.trim();
    const equals = text.indexOf('=');
    if (section === wanted && equals > 0) values.set(text.slice(0, equals).trim(), text.slice(equals + 1).trim());
  }
  return values;
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
