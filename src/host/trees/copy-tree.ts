import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/**
 * Copies the content and attributes of a directory into another, which is created if necessary. Keeps owners, modes, times, links,
 * hard links, holes, devices and extended attributes; follows no symlinks. Throws the error of `cp`.
 */
export async function copyTree(from: string, to: string, signal: AbortSignal): Promise<void> {
  await promisify(execFile)('cp', copyOf(from, to), { env: ENVIRONMENT, signal });
}

/** The same, synchronously. */
export function copyTreeSync(from: string, to: string): void {
  execFileSync('cp', copyOf(from, to), { env: ENVIRONMENT, stdio: ['ignore', 'ignore', 'pipe'] });
}

function copyOf(from: string, to: string): readonly string[] {
  return ['-a', '--reflink=auto', '--', `${from}/.`, to];
}
