import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { programPath } from './needs.ts';
import { tempDir } from './temp.ts';

/** A Docker daemon with its own containerd, its own images, and no network. */
export interface Dockerd extends AsyncDisposable {
  /** Runs `docker …` and gives what it prints. */
  docker(...args: readonly string[]): string;
  /** Runs `ctr …` on the daemon's containerd. */
  ctr(...args: readonly string[]): string;
}

/** Starts one; undefined where it cannot run (no privileges, no cgroups). */
export async function startDockerd(): Promise<Dockerd | undefined> {
  const directory = tempDir('dockerd');
  const socket = join(directory, 'docker.sock');
  const places = ['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec')];
  const daemon = spawn(
    programPath('dockerd')!,
    [
      ...places,
      '--pidfile',
      join(directory, 'pid'),
      '-H',
      `unix://${socket}`,
      '--storage-driver',
      'vfs',
      '--bridge=none',
      '--iptables=false',
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => daemon.once('exit', () => resolve()));
  const run = (program: string, args: readonly string[]) =>
    execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const docker = (...args: readonly string[]) => run('docker', ['-H', `unix://${socket}`, ...args]);
  const stop = async () => {
    daemon.kill('SIGTERM');
    await ended;
    for (const point of mountsBelow(directory)) spawnSync('umount', [point]);
    rmSync(directory, { recursive: true, force: true });
  };
  if (
    !(await answers(
      () => existsSync(socket) && docker('version') !== '',
      () => daemon.exitCode !== null,
    ))
  ) {
    await stop();
    return undefined;
  }
  const containerd = join(directory, 'exec', 'containerd', 'containerd.sock');
  return { docker, ctr: (...args) => run('ctr', ['-a', containerd, ...args]), [Symbol.asyncDispose]: stop };
}

/** What a daemon leaves mounted: its data directory, the host's network where a container had it. Deepest first. */
function mountsBelow(directory: string): readonly string[] {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return points.filter((point) => point.startsWith(`${directory}/`)).reverse();
}

async function answers(isUp: () => boolean, isGone: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 80 && !isGone(); tries++) {
    try {
      if (isUp()) return true;
    } catch {
      // Not yet.
    }
    await pause(100);
  }
  return false;
}
