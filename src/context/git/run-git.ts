import { MkimageError, throwIfCancelled } from '../../errors.ts';
import { killProcess } from '../../host/index.ts';
import { limitError, limits } from '../../limits.ts';
import { withoutCredentials } from '../../oci/index.ts';

/** All that git gets from this machine. It uses no configuration of the user or system, and does not prompt. */
export interface GitEnvironment {
  readonly path: string;
  /** Socket of an ssh agent. */
  readonly sshAgent?: string | undefined;
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
      env: variables(run.environment),
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
    if (late.hasCome) throw limitError('FETCH_SECONDS', `run git: it took more than ${limits().FETCH_SECONDS} seconds`);
    if (status === 0) return output;
    throw failed(run, status, complaint);
  } finally {
    clearTimeout(late.timer);
    run.signal.removeEventListener('abort', stop);
  }
}

/** Calls `stop` after MKIMAGE_LIMIT_FETCH_SECONDS. */
function startClock(stop: () => void): { hasCome: boolean; timer: NodeJS.Timeout | undefined } {
  const clock = { hasCome: false, timer: undefined as NodeJS.Timeout | undefined };
  const milliseconds = limits().FETCH_SECONDS * 1000;
  const ring = () => {
    clock.hasCome = true;
    stop();
  };
  if (milliseconds < 2 ** 31) clock.timer = setTimeout(ring, milliseconds);
  return clock;
}

function settings({ localRepositories = false }: GitEnvironment): readonly string[] {
  const values = [
    `protocol.file.allow=${localRepositories ? 'always' : 'never'}`,
    'protocol.ext.allow=never',
    'protocol.version=2',
    'http.followRedirects=false',
    `http.lowSpeedLimit=${limits().FETCH_RATE}`,
    `http.lowSpeedTime=${SLOW_SECONDS}`,
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'advice.detachedHead=false',
    'init.defaultBranch=master',
    'gc.auto=0',
  ];
  return values.flatMap((value) => ['-c', value]);
}

function variables({ path, sshAgent, certificates, proxies = {} }: GitEnvironment): Record<string, string> {
  return {
    ...proxies,
    PATH: path,
    HOME: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LFS_SKIP_SMUDGE: '1',
    // As in BuildKit: host keys are unknown and a prompt is not possible, so any host key is accepted.
    GIT_SSH_COMMAND: 'ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null',
    LC_ALL: 'C',
    ...(certificates === undefined ? {} : { GIT_SSL_CAINFO: certificates }),
    ...(sshAgent === undefined ? {} : { SSH_AUTH_SOCK: sshAgent }),
  };
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

function failed(run: GitRun, status: number | null, complaint: string): MkimageError {
  if (status === 127) {
    return new MkimageError('unsupported', 'run git: it is not installed', {
      hint: 'install git, or build from a directory',
    });
  }
  const words = complaint.trim().split('\n').map(withoutCredentialsIn).slice(-3).join('; ');
  const verb = run.arguments.find((argument) => /^[a-z-]+$/.test(argument) && !argument.startsWith('-')) ?? '';
  return new MkimageError('network', `run git ${verb}: ${words === '' ? `it ended with status ${status}` : words}`, {
    ...(/certificate|SSL/.test(words) ? { hint: UNTRUSTED } : {}),
    evidence: { stderr: complaint.split('\n').map(withoutCredentialsIn).join('\n') },
  });
}

const UNTRUSTED = 'if its certificate is not trusted, add its authority with `--ca FILE`';

/** git's messages contain URLs. */
function withoutCredentialsIn(line: string): string {
  return line.replace(/(?<![a-z0-9+.-])[a-z0-9+.-]+:\/\/[^\s']+/gi, withoutCredentials);
}
