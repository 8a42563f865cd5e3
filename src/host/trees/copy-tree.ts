import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/**
 * Copies all that a directory holds into another, which is made if need be and gets the attributes of the first: owners, modes, times,
 * links, hard links, holes, devices and extended attributes stay, and no link is followed. Throws what `cp` says.
 */
export async function copyTree(from: string, to: string, signal: AbortSignal): Promise<void> {
  await promisify(execFile)('cp', copyOf(from, to), { env: ENVIRONMENT, signal });
}

/** The same, while nothing else is done. */
export function copyTreeNow(from: string, to: string): void {
  execFileSync('cp', copyOf(from, to), { env: ENVIRONMENT, stdio: ['ignore', 'ignore', 'pipe'] });
}

function copyOf(from: string, to: string): readonly string[] {
  return ['-a', '--reflink=auto', '--', `${from}/.`, to];
}
