import { existsSync } from 'node:fs';
import { removeTreeAsync } from './remove-tree.ts';

/** More processes would only wait for each other in the file system. */
const PROCESSES = 4;
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/**
 * Removes folders in child processes, several at the same time. Waits at most `patienceMs`; after that the processes continue alone,
 * even after this process ends. Ignores folders that cannot be removed.
 */
export async function removeInProcesses(folders: readonly string[], patienceMs: number): Promise<void> {
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
  // `rm` is not available, or cannot handle very long paths.
  for (const folder of folders) if (existsSync(folder)) await removeTreeAsync(folder).catch(() => {});
}
