import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempDir } from './temp.ts';

const HOME = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly uid?: number;
}

/** The built command line with a store of its own, as a user would call it. */
export function mkimageIn(store: string, defaults: CommandOptions = {}) {
  mkdirSync(store, { recursive: true });
  return (args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> => {
    const all = { ...defaults, ...options };
    const home = all.uid === undefined ? HOME : publicHome();
    const env = { MKIMAGE_ROOT: join(store, 'root'), ...defaults.env, ...options.env };
    return run(process.execPath, [join(home, 'dist/cli.js'), ...args], { ...all, env });
  };
}

let madePublic: string | undefined;

/** A copy that everybody may read, and all that it loads: the checkout may lie in root's own folder. */
function publicHome(): string {
  if (madePublic !== undefined) return madePublic;
  const home = tempDir('cli');
  chmodSync(home, 0o755);
  for (const part of ['dist', 'package.json', 'node_modules/@koromix', 'node_modules/@bokuweb']) {
    cpSync(join(HOME, part), join(home, part), { recursive: true });
  }
  madePublic = home;
  return home;
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((settle, fail) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdin.on('error', () => {});
    child.stdin.end(options.input);
    child.on('error', fail);
    child.on('close', (code, signal) => settle({ code, signal, stdout, stderr }));
  });
}

/** As `run`, but a failure throws with what was printed. */
export async function succeed(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await run(command, args, options);
  if (result.code === 0) return result.stdout;
  throw new Error(`${command} ${args.join(' ')}: exit ${result.code}\n${result.stdout}\n${result.stderr}`);
}
