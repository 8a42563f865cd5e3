import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { request } from 'node:http';
import { join, resolve as resolvePath } from 'node:path';
import { type ContainerStore, openContainerStore } from './container-store.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface DockerResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A daemon on a store with the image `bb`. */
export interface TestDaemon extends AsyncDisposable {
  readonly store: ContainerStore;
  readonly socket: string;
  /** Runs Debian's `docker` against it. */
  docker(args: readonly string[], input?: string, env?: Readonly<Record<string, string>>): Promise<DockerResult>;
  /** A `docker` command that must succeed; returns its output. */
  must(...args: readonly string[]): Promise<string>;
  ask(method: string, path: string, body?: unknown): Promise<Reply>;
  /** Ends the process with a signal and starts another one. */
  restart(signal: NodeJS.Signals): Promise<void>;
}

const CLI = resolvePath('dist/cli.js');
const LIMIT_MS = 20_000;
/** The version that Debian has; a newer one may come earlier on PATH. */
export const DOCKER = '/usr/bin/docker';

export async function startDaemon(name: string, env: Readonly<Record<string, string>> = {}): Promise<TestDaemon> {
  const store = await openContainerStore(name);
  const socket = join(store.home, 's.sock');
  let child = await startProcess(store, socket, env);
  const docker: TestDaemon['docker'] = (args, input, own) => runDocker(['-H', `unix://${socket}`, ...args], input, own);
  return {
    store,
    socket,
    docker,
    must: async (...args) => {
      const { code, stdout, stderr } = await docker(args);
      if (code !== 0) throw new Error(`docker ${args.join(' ')}: exit ${code}\n${stdout}\n${stderr}`);
      return stdout;
    },
    ask: (method, path, body) => ask(socket, { method, path, body }),
    restart: async (signal) => {
      await end(child, signal);
      child = await startProcess(store, socket, env);
    },
    [Symbol.asyncDispose]: async () => {
      const ids = (await store.must('ps', '-aq')).split('\n').filter((id) => id !== '');
      if (ids.length > 0) await store.mkimage(['rm', '-f', '-v', ...ids]);
      await end(child, 'SIGTERM');
    },
  };
}

async function startProcess(
  { root }: ContainerStore,
  socket: string,
  env: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [CLI, 'daemon', '-H', `unix://${socket}`], {
    env: { ...process.env, MKIMAGE_ROOT: root, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the daemon does not start')), LIMIT_MS);
    let text = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      text += chunk;
      if (!text.includes('"ready"')) return;
      clearTimeout(timer);
      resolve();
    });
    child.once('exit', () => reject(new Error(`the daemon has ended: ${text}`)));
  });
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  await ended;
  clearTimeout(timer);
}

function runDocker(
  all: readonly string[],
  input = '',
  env: Readonly<Record<string, string>> = {},
): Promise<DockerResult> {
  return new Promise((resolve) => {
    const options = {
      env: { ...process.env, ...env },
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: 2 ** 26,
    } as const;
    const child = execFile(DOCKER, all, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
      resolve({ code, stdout, stderr });
    });
    child.stdin!.end(input);
  });
}

interface Question {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

function ask(socketPath: string, { method, path, body }: Question): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const sent = request({ socketPath, method, path, headers, timeout: LIMIT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
    });
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no reply`))).on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
