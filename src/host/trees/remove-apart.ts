import { existsSync } from 'node:fs';
import { removeTreeInTurns } from './remove-tree.ts';

/** More would wait for each other in the file system. */
const PROCESSES = 4;
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/**
 * Removes folders by processes of their own, several at once, and waits for them, but not longer than told: then they go on
 * by themselves, also after this process has ended. What cannot be removed stays.
 */
export async function removeApart(folders: readonly string[], patienceMs: number): Promise<void> {
  const shares = Array.from({ length: Math.min(PROCESSES, folders.length) }, (_, share) =>
    folders.filter((_, index) => index % PROCESSES === share),
  );
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((settle) => {
    timer = setTimeout(settle, patienceMs);
  });
  await Promise.race([Promise.all(shares.map(removeShare)), patience]);
  clearTimeout(timer);
}

async function removeShare(folders: readonly string[]): Promise<void> {
  const { spawn } = await import('node:child_process');
  const child = spawn('rm', ['-rf', '--', ...folders], { detached: true, stdio: 'ignore', env: ENVIRONMENT, cwd: '/' });
  child.unref();
  await new Promise<void>((settle) => child.once('error', () => settle()).once('exit', () => settle()));
  // No such program, or one that knows only paths that are not too long.
  for (const folder of folders) if (existsSync(folder)) await removeTreeInTurns(folder).catch(() => {});
}
