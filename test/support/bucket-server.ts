import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { tempDir } from './temp.ts';

/** A real S3 server (s3rver) in a process of its own. */
export interface BucketServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly bucket: string;
  /** The folder in which it stores objects. */
  readonly directory: string;
  /** What it takes as credentials. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts it and waits until it answers. */
export async function startBucketServer(): Promise<BucketServer> {
  const directory = tempDir('bucket');
  const port = await findFreePort();
  const program = createRequire(import.meta.url).resolve('s3rver/bin/s3rver.js');
  const args = ['-d', directory, '-a', '127.0.0.1', '-p', String(port), '-s', '--configure-bucket', 'cache'];
  const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);
  const endpoint = `http://127.0.0.1:${port}`;
  await waitForAnswer(endpoint);
  return {
    endpoint,
    bucket: 'cache',
    directory,
    env: { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER', AWS_REGION: 'us-east-1' },
    [Symbol.asyncDispose]: async () => {
      process.removeListener('exit', stop);
      stop();
    },
  };
}

async function waitForAnswer(url: string): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    try {
      await fetch(url);
      return;
    } catch {
      await pause(50);
    }
  }
  throw new Error(`bucket server does not answer at ${url}`);
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
