import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { programPath } from './needs.ts';
import { tempDir } from './temp.ts';

/** A real registry (Debian's docker-registry) on a free port of this machine. */
export interface TestRegistry extends AsyncDisposable {
  /** `localhost:41234`, as it stands in references. */
  readonly host: string;
  /** Puts content there by plain HTTP, not by the code under test. */
  putBlob(repository: string, bytes: Uint8Array): Promise<void>;
  putManifest(repository: string, tag: string, mediaType: string, bytes: Uint8Array | string): Promise<void>;
}

export interface TestRegistryOptions {
  /** Lines of an htpasswd file (bcrypt); none: open to everybody. */
  readonly htpasswd?: string;
  /** Whose tokens are taken, and where a client is sent to get one. */
  readonly token?: { readonly realm: string; readonly issuer: string; readonly service: string; readonly cert: string };
  /** Speaks TLS with this certificate. The helper cannot put content there: use the folder of another registry. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The URL of a registry that this one is a pull-through mirror of. */
  readonly mirrorOf?: string;
  /** The folder of the content; default: a new one. */
  readonly content?: string;
  /** The `Authorization` that the helper itself uses. */
  readonly authorization?: string;
}

export const REGISTRY_PROGRAM = 'docker-registry';

/** Starts a registry and waits until it answers. */
export async function startRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const directory = tempDir('registry');
  const host = `localhost:${await freePort()}`;
  const config = join(directory, 'config.yml');
  writeFileSync(config, configOf(directory, host, options));
  const child = spawn(programPath(REGISTRY_PROGRAM)!, ['serve', config], { stdio: 'ignore', detached: false });
  const headers: Record<string, string> =
    options.authorization === undefined ? {} : { authorization: options.authorization };
  return untilServed(child, host, headers);
}

async function untilServed(
  child: ChildProcess,
  host: string,
  headers: Record<string, string> = {},
): Promise<TestRegistry> {
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);
  await untilListening(Number(host.split(':')[1]));
  return {
    host,
    putBlob: (repository, bytes) => putBlob(host, repository, bytes, headers),
    putManifest: async (repository, tag, mediaType, bytes) => {
      const url = `http://${host}/v2/${repository}/manifests/${tag}`;
      await expectOk(
        await fetch(url, { method: 'PUT', headers: { ...headers, 'content-type': mediaType }, body: body(bytes) }),
      );
    },
    [Symbol.asyncDispose]: async () => {
      process.removeListener('exit', stop);
      stop();
    },
  };
}

function configOf(directory: string, host: string, options: TestRegistryOptions): string {
  const { htpasswd, token, tls, mirrorOf, content = `${directory}/data` } = options;
  const lines = [
    'version: 0.1',
    'log: { level: error }',
    `storage: { filesystem: { rootdirectory: ${content} }, delete: { enabled: true } }`,
    `http: { addr: "${host}"${tls === undefined ? '' : `, tls: { certificate: ${directory}/tls.crt, key: ${directory}/tls.key }`} }`,
  ];
  if (tls !== undefined) {
    writeFileSync(join(directory, 'tls.crt'), tls.cert);
    writeFileSync(join(directory, 'tls.key'), tls.key);
  }
  if (mirrorOf !== undefined) lines.push(`proxy: { remoteurl: "${mirrorOf}" }`);
  if (htpasswd !== undefined) {
    writeFileSync(join(directory, 'htpasswd'), htpasswd);
    lines.push(`auth: { htpasswd: { realm: test, path: ${directory}/htpasswd } }`);
  }
  if (token !== undefined) {
    writeFileSync(join(directory, 'cert.pem'), token.cert);
    const { realm, issuer, service } = token;
    lines.push(
      `auth: { token: ${JSON.stringify({ realm, issuer, service, rootcertbundle: `${directory}/cert.pem` })} }`,
    );
  }
  return `${lines.join('\n')}\n`;
}

async function putBlob(
  host: string,
  repository: string,
  bytes: Uint8Array,
  headers: Record<string, string>,
): Promise<void> {
  const { createHash } = await import('node:crypto');
  const digest = createHash('sha256').update(bytes).digest('hex');
  const start = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST', headers });
  await expectOk(start);
  const location = new URL(start.headers.get('location')!, `http://${host}`);
  location.searchParams.set('digest', `sha256:${digest}`);
  await expectOk(await fetch(location, { method: 'PUT', headers, body: body(bytes) }));
}

function body(bytes: Uint8Array | string): Blob {
  return new Blob([bytes as string]);
}

async function expectOk(response: Response): Promise<void> {
  if (!response.ok) throw new Error(`test registry: ${response.status} ${await response.text()}`);
}

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await isListening(port)) return;
    await pause(25);
  }
  throw new Error(`test registry does not listen on port ${port}`);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = createConnection({ port, host: 'localhost' });
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
    socket.once('connect', () => socket.destroy());
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
