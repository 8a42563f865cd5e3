/** `RUN --mount`: turns the mounts of the plan into directories, files and sockets that a sandbox can mount. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../../host/index.ts';
import type { RunMount } from '../../plan/index.ts';
import { hasVariable } from '../../process/index.ts';
import type { SandboxMount } from '../../sandbox/index.ts';
import { Disposals } from '../disposals.ts';
import { type CacheMountHome, openCacheMount } from './cache-mount.ts';
import type { MountContext } from './run-context.ts';
import { makeSecretDirectory } from './secret-directory.ts';
import { askForAgent, askForSecret, type SecretMount, type SshMount, writeSecret } from './secret-mount.ts';
import { fillDirectory, sourceView } from './source-view.ts';
import { openSshProxy } from './ssh-proxy.ts';

export interface ReadyMounts extends AsyncDisposable {
  readonly mounts: readonly SandboxMount[];
  /** Secrets for the environment, as `NAME=value`. */
  readonly env: readonly string[];
  /** Values that must not appear in any output. */
  readonly secrets: readonly string[];
}

interface Preparation {
  readonly run: MountContext;
  readonly scratch: string;
  readonly mounts: SandboxMount[];
  readonly env: string[];
  readonly secrets: string[];
  readonly stack: Disposals;
}

/** Returns all mounts in the order of the plan. Disposing the result removes everything that was made for them. */
export async function prepareMounts(run: MountContext, scratch: string): Promise<ReadyMounts> {
  const stack = new Disposals();
  const work: Preparation = { run, scratch, mounts: [], env: [], secrets: [], stack };
  try {
    prepareScripts(work);
    await prepareCertificates(work);
    for (const [index, mount] of run.step.mounts.entries()) await prepareMount(work, mount, index);
  } catch (error) {
    await stack.dispose();
    throw error;
  }
  const { mounts, env, secrets } = work;
  return { mounts, env, secrets, [Symbol.asyncDispose]: () => stack.dispose() };
}

async function prepareMount(work: Preparation, mount: RunMount, index: number): Promise<void> {
  switch (mount.type) {
    case 'bind':
      work.mounts.push(await treeMount(work, mount, index));
      return;
    case 'cache':
      return prepareCache(work, mount);
    case 'tmpfs':
      work.mounts.push({ kind: 'tmpfs', target: mount.target, size: mount.size, mode: 0o1777 });
      return;
    case 'secret':
      return prepareSecret(work, mount, index);
    case 'ssh':
      return prepareSsh(work, mount, index);
    default:
      mount satisfies never;
  }
}

/** Mounts a view of the source. Writes, where allowed, go to a directory that is deleted afterwards. */
async function treeMount(
  { run, scratch, stack }: Preparation,
  { from, source, target, readonly }: Extract<RunMount, { type: 'bind' }>,
  index: number,
): Promise<SandboxMount> {
  const { layers, path: subpath } = await sourceView(run, from, source);
  const snapshotter = await run.services.snapshotter();
  const { lowers } = stack.use(await snapshotter.view(layers, run.call));
  if (readonly) return { kind: 'tree', lowers, subpath, target, writable: undefined };
  const writable = { upper: join(scratch, `upper-${index}`), work: join(scratch, `work-${index}`) };
  for (const directory of [writable.upper, writable.work]) mkdirSync(directory);
  return { kind: 'tree', lowers, subpath, target, writable };
}

async function prepareCache(work: Preparation, mount: Extract<RunMount, { type: 'cache' }>): Promise<void> {
  const { run, scratch, mounts, stack } = work;
  const { mounts: folder, tryLock, now, restoreMount } = run.services;
  const fill = async (directory: string) => {
    if (mount.from) await fillDirectory(run, { from: mount.from, path: mount.source }, directory);
  };
  const restore: CacheMountHome['restore'] =
    restoreMount && ((stored, directory) => restoreMount(stored, directory, run.call));
  const home = { folder, tryLock, now, scratch, fill, restore };
  const cache = stack.use(await openCacheMount(home, mount, run.call));
  mounts.push({ kind: 'bind', source: cache.directory, target: mount.target, readonly: mount.readonly });
}

async function prepareSecret(work: Preparation, mount: SecretMount, index: number): Promise<void> {
  const { services, call } = work.run;
  const value = await askForSecret(services.secrets, mount, call);
  if (value === undefined) return;
  const text = Buffer.from(value).toString('utf8');
  work.secrets.push(text);
  if (mount.env !== undefined) work.env.push(`${mount.env}=${text}`);
  if (!mount.file) return;
  const source = writeSecret(secretDirectory(work), mount, { name: String(index), value });
  work.mounts.push({ kind: 'bind', source, target: mount.target, readonly: true });
}

function secretDirectory(work: Preparation): string {
  const { maker } = work.run.services;
  const directory = makeSecretDirectory(maker);
  work.stack.defer(() => removeTree(directory));
  return directory;
}

async function prepareSsh(work: Preparation, mount: SshMount, index: number): Promise<void> {
  const { services, call } = work.run;
  const agent = await askForAgent(services.secrets, mount, call);
  if (agent === undefined) return;
  const socket = join(work.scratch, `ssh-${index}`);
  work.stack.use(await openSshProxy(agent, socket, mount));
  work.mounts.push({ kind: 'bind', source: socket, target: mount.target, readonly: false });
  if (!hasAgent(work)) work.env.push(`${AGENT}=${mount.target}`);
}

const AGENT = 'SSH_AUTH_SOCK';

/** ssh uses the first agent. A SSH_AUTH_SOCK from the build file takes precedence. */
function hasAgent({ run, env }: Preparation): boolean {
  return hasVariable([...run.step.env, ...run.step.unkeyedEnv, ...env], AGENT);
}

/** Heredoc scripts with a shebang are executed as files below `/dev/pipes`. */
function prepareScripts(work: Preparation): void {
  const { scripts } = work.run.step;
  if (scripts.length === 0) return;
  const directory = join(work.scratch, 'pipes');
  mkdirSync(directory, { mode: 0o755 });
  for (const script of scripts) {
    const file = join(directory, script.name);
    writeFileSync(file, script.content);
    chmodSync(file, 0o755);
  }
  work.mounts.push({ kind: 'bind', source: directory, target: '/dev/pipes', readonly: true });
}

/** `--ca`: certificate authorities for this step only. */
async function prepareCertificates(work: Preparation): Promise<void> {
  const { services, chain, call, step } = work.run;
  const { authorities } = services.settings;
  if (authorities.length === 0) return;
  const { certificateVariables, CERTIFICATES_FOLDER, writeCertificates } = await import(
    './certificates/step-certificates.ts'
  );
  const folder = join(work.scratch, 'certificates');
  await writeCertificates(folder, await services.treeOf(chain, call), authorities);
  work.mounts.push({ kind: 'bind', source: folder, target: CERTIFICATES_FOLDER, readonly: true });
  work.env.push(...certificateVariables([...step.env, ...step.unkeyedEnv]));
}
