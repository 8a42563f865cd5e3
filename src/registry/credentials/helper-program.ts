/** Runs helper programs of Docker (`docker-credential-<name>`): the request goes to standard input, the answer is on standard output. */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { MkimageError, throwIfCancelled } from '../../errors.ts';
import { killProcess } from '../../host/index.ts';
import { cleanText } from '../../http/index.ts';
import type { Call } from '../../progress.ts';
import type { Credentials } from './port.ts';

export interface HelperOptions {
  /** The part of the program's name after `docker-credential-`. */
  readonly name: string;
  /** The environment of the program. It is found in the folders of PATH only. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until the program is killed. */
  readonly patience: number;
}

type Operation = 'get' | 'store' | 'erase';

/** The user name that says: the secret is an identity token. */
const TOKEN_USER = '<token>';
const MOST_OUTPUT = 256 * 1024;

/** Asks for the credentials of a server; undefined: there are none. Throws `registry`, `cancelled`. */
export async function getFromHelper(
  options: HelperOptions,
  server: string,
  call: Call,
): Promise<Credentials | undefined> {
  const { code, output } = await runHelper(options, { operation: 'get', input: server }, call);
  if (code !== 0) {
    if (isNotFound(output)) return undefined;
    throw createHelperError(options, 'get', cleanText(output) || `exit code ${code}`);
  }
  const found = parseAnswer(output);
  if (found === undefined) throw createHelperError(options, 'get', 'the answer is not the JSON of credentials');
  call.log?.hide([found.secret]);
  return found.secret === '' ? undefined : found;
}

/** Throws `registry`, `cancelled`. */
export async function storeInHelper(
  options: HelperOptions,
  { server, credentials }: { readonly server: string; readonly credentials: Credentials },
  call: Call,
): Promise<void> {
  const username = credentials.kind === 'identity-token' ? TOKEN_USER : credentials.username;
  const request = JSON.stringify({ ServerURL: server, Username: username, Secret: credentials.secret });
  const { code, output } = await runHelper(options, { operation: 'store', input: request }, call);
  // The message is not shown: a program could repeat its input in it.
  if (code !== 0)
    throw createHelperError(options, 'store', `exit code ${code}${isNotFound(output) ? ', not found' : ''}`);
}

/** Removes the credentials of a server. Throws `registry`, `cancelled`. */
export async function eraseFromHelper(options: HelperOptions, server: string, call: Call): Promise<void> {
  const { code, output } = await runHelper(options, { operation: 'erase', input: server }, call);
  if (code !== 0 && !isNotFound(output))
    throw createHelperError(options, 'erase', cleanText(output) || `exit code ${code}`);
}

function isNotFound(output: string): boolean {
  return /credentials not found|no credentials (server URL|username)|not be found in the keychain/i.test(output);
}

function parseAnswer(output: string): Credentials | undefined {
  try {
    const { Username, Secret } = JSON.parse(output) as { Username?: unknown; Secret?: unknown };
    if (typeof Username !== 'string' || typeof Secret !== 'string') return undefined;
    return Username === TOKEN_USER
      ? { kind: 'identity-token', username: '', secret: Secret }
      : { username: Username, secret: Secret };
  } catch {
    return undefined;
  }
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

interface HelperRequest {
  readonly operation: Operation;
  readonly input: string;
}

async function runHelper(options: HelperOptions, { operation, input }: HelperRequest, call: Call): Promise<Ended> {
  throwIfCancelled(call.signal);
  const program = findProgram(options, operation);
  call.log?.debug('registry', 'credential helper started', { program, operation });
  const begun = performance.now();
  const ended = await runToEnd({ program, operation, input, ...options }, call);
  const ms = Math.round(performance.now() - begun);
  call.log?.debug('registry', 'credential helper ended', { program, code: ended.code ?? -1, ms });
  return ended;
}

interface Run extends HelperOptions {
  readonly program: string;
  readonly operation: Operation;
  readonly input: string;
}

function runToEnd(run: Run, { signal }: Call): Promise<Ended> {
  const { program, operation, input, environment, patience } = run;
  return new Promise((settle, fail) => {
    // A group of its own, so that programs that the helper starts end with it.
    const child = spawn(program, [operation], { env: environment, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
    const kill = (): void => void (child.pid !== undefined && killProcess(-child.pid));
    const giveUp = (why: string) => {
      kill();
      fail(createHelperError(run, operation, why));
    };
    const timer = setTimeout(() => giveUp(`no answer after ${patience / 1000} s`), patience);
    const cancel = () => {
      kill();
      fail(new MkimageError('cancelled', 'cancelled', { cause: signal.reason }));
    };
    signal.addEventListener('abort', cancel, { once: true });
    const output: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_OUTPUT) giveUp('the answer is too long');
      else output.push(chunk);
    });
    child.stdin.on('error', () => {}); // a program may end without reading its input
    child.stdin.end(input);
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    };
    child.once('error', (error) => {
      finish();
      fail(createHelperError(run, operation, error.message));
    });
    child.once('close', (code) => {
      finish();
      settle({ code, output: Buffer.concat(output).toString('utf8').trim() });
    });
  });
}

/** Looks in the absolute folders of PATH. A name with a slash would be a path, which a file of credentials must not choose. */
function findProgram({ name, environment }: HelperOptions, operation: Operation): string {
  const file = `docker-credential-${name}`;
  const isName = /^[\w.-]+$/.test(name);
  const folders = (environment.PATH ?? '/usr/local/bin:/usr/bin:/bin')
    .split(':')
    .filter((folder) => isAbsolute(folder));
  const found = isName ? folders.map((folder) => join(folder, file)).find(isProgram) : undefined;
  if (found !== undefined) return found;
  throw createHelperError({ name }, operation, isName ? 'program not found in PATH' : 'not the name of a program');
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function createHelperError({ name }: Pick<HelperOptions, 'name'>, operation: Operation, why: string): MkimageError {
  return new MkimageError(
    'registry',
    `${operation} credentials with \`docker-credential-${cleanText(name)}\`: ${why}`,
    {
      hint: 'install the program, or remove it from `credHelpers` and `credsStore` of the Docker configuration',
    },
  );
}
