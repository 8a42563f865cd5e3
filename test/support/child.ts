import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Another process that has said `ready`. */
export interface Child {
  readonly pid: number;
  /** kill -9, and wait until it is gone. */
  kill(): Promise<void>;
  /** Waits for its end; rejects if that was no success. */
  readonly ended: Promise<void>;
}

/** Starts a TypeScript file of this folder in a process of its own and waits for its first line of output. */
export async function startChild(file: string, args: readonly string[]): Promise<Child> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = endOf(child);
  ended.catch(() => {}); // a killed child is no fault of the test
  await Promise.race([once(child.stdout!, 'data'), ended]);
  return {
    pid: child.pid!,
    ended,
    kill: async () => {
      child.kill('SIGKILL');
      await ended.catch(() => {});
    },
  };
}

async function endOf(child: ChildProcess): Promise<void> {
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`child ended with ${signal ?? code}`);
}
