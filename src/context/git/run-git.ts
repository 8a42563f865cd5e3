import { MkimageError, throwIfCancelled } from '../../errors.ts';
import { killProcess } from '../../host/index.ts';
import { createLimitError, getLimits } from '../../limits.ts';
import { removeCredentials } from '../../oci/index.ts';
import { explainGitFailure } from './explain-failure.ts';
import type { GitHeader } from './git-remote.ts';
import { createSshCommand, type GitSsh, type HostKeys } from './ssh-command.ts';

/** All that git gets from this machine. It uses no configuration of the user or system, and does not prompt. */
export interface GitEnvironment {
  readonly path: string;
  /** Called if a remote is reached by ssh; undefined: nothing logs in. Throws `usage`. */
  readonly ssh?: (() => GitSsh | undefined) | undefined;
  /** Default: no known hosts. */
  readonly hostKeys?: HostKeys;
  /** Proxy variables such as `HTTPS_PROXY`. */
  readonly proxies?: Readonly<Record<string, string>>;
  /** A PEM file of trusted certificates, instead of the system's. */
  readonly certificates?: string | undefined;
  /** True allows repositories in local files; for tests. */
  readonly localRepositories?: boolean;
}

export interface GitRun {
  readonly arguments: readonly string[];
  readonly environment: GitEnvironment;
  /** Headers for servers by http. They are passed in git's environment, because other users can see arguments. */
  readonly headers?: readonly GitHeader[];
  /** What logs in by ssh. */
  readonly ssh?: GitSsh | undefined;
  readonly signal: AbortSignal;
}

/** How many seconds an answer may be slower than the minimum rate. */
const SLOW_SECONDS = 60;
const MOST_OUTPUT = 64 * 1024 * 1024;

/** Runs git and returns its standard output. Throws `unsupported` without git, `network` with git's message, `cancelled`. */
export async function runGit(run: GitRun): Promise<string> {
  const { spawn } = await import('node:child_process');
  throwIfCancelled(run.signal);
  // The shell only sets the umask, so that modes of files do not depend on the caller's umask.
  const child = spawn(
    '/bin/sh',
    ['-c', 'umask 022 && exec git "$@"', 'git', ...settings(run.environment), ...run.arguments],
    {
      env: variables(run),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that git's helpers can be killed together with it.
      detached: true,
    },
  );
  const stop = () => killGroup(child.pid);
  run.signal.addEventListener('abort', stop, { once: true });
  const late = startClock(stop);
  try {
    const [output, complaint, status] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve)),
    ]);
    throwIfCancelled(run.signal);
    if (late.hasCome)
      throw createLimitError('FETCH_SECONDS', `run git: it took more than ${getLimits().FETCH_SECONDS} seconds`);
    if (status === 0) return output;
    throw createGitError(run, status, complaint);
  } finally {
    clearTimeout(late.timer);
    run.signal.removeEventListener('abort', stop);
  }
}

/** Calls `stop` after MKIMAGE_LIMIT_FETCH_SECONDS. */
function startClock(stop: () => void): { hasCome: boolean; timer: NodeJS.Timeout | undefined } {
  const clock = { hasCome: false, timer: undefined as NodeJS.Timeout | undefined };
  const milliseconds = getLimits().FETCH_SECONDS * 1000;
  const endTime = () => {
    clock.hasCome = true;
    stop();
  };
  if (milliseconds < 2 ** 31) clock.timer = setTimeout(endTime, milliseconds);
  return clock;
}

function settings({ localRepositories = false }: GitEnvironment): readonly string[] {
  const values = [
    `protocol.file.allow=${localRepositories ? 'always' : 'never'}`,
    'protocol.ext.allow=never',
    'protocol.version=2',
    'http.followRedirects=false',
    `http.lowSpeedLimit=${getLimits().FETCH_RATE}`,
    `http.lowSpeedTime=${SLOW_SECONDS}`,
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'advice.detachedHead=false',
    'init.defaultBranch=master',
    'gc.auto=0',
  ];
  return values.flatMap((value) => ['-c', value]);
}

function variables({ environment, headers = [], ssh }: GitRun): Record<string, string> {
  const { path, certificates, proxies = {}, hostKeys = { files: [], isStrict: true } } = environment;
  return {
    ...proxies,
    ...encodeSettings(headers),
    PATH: path,
    HOME: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_SSH_COMMAND: createSshCommand(ssh, hostKeys),
    LC_ALL: 'C',
    ...(certificates === undefined ? {} : { GIT_SSL_CAINFO: certificates }),
    ...(ssh?.kind === 'agent' ? { SSH_AUTH_SOCK: ssh.socket } : {}),
  };
}

/** Settings by git's environment. A header belongs to one origin: git sends it to no other. */
function encodeSettings(headers: readonly GitHeader[]): Record<string, string> {
  const entries = headers.flatMap(({ origin, authorization }, index) => [
    [`GIT_CONFIG_KEY_${index}`, `http.${origin}/.extraHeader`],
    [`GIT_CONFIG_VALUE_${index}`, `Authorization: ${authorization}`],
  ]);
  return headers.length === 0 ? {} : { GIT_CONFIG_COUNT: String(headers.length), ...Object.fromEntries(entries) };
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size <= MOST_OUTPUT) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) killProcess(-pid);
  } catch {
    // The process has already ended.
  }
}

function createGitError(run: GitRun, status: number | null, complaint: string): MkimageError {
  if (status === 127) {
    return new MkimageError('unsupported', 'run git: it is not installed', {
      hint: 'install git, or build from a directory',
    });
  }
  const lines = complaint.split(/\r?\n/).filter((line) => line.trim() !== '' && !ADVICE.test(line));
  const words = lines.map(withoutCredentialsIn).slice(-3).join('; ');
  const verb = run.arguments.find((argument) => /^[a-z-]+$/.test(argument) && !argument.startsWith('-')) ?? '';
  return new MkimageError('network', `run git ${verb}: ${words === '' ? `it ended with status ${status}` : words}`, {
    hint: explainGitFailure(complaint),
    evidence: { stderr: complaint.split('\n').map(withoutCredentialsIn).join('\n') },
  });
}

/** General advice of git, which would displace the reason. */
const ADVICE = /^(Please make sure you have the correct access rights|and the repository exists\.)/;

/** git's messages contain URLs. */
function withoutCredentialsIn(line: string): string {
  return line.replace(/(?<![a-z0-9+.-])[a-z0-9+.-]+:\/\/[^\s']+/gi, removeCredentials);
}
