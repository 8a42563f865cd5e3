import { execFile } from 'node:child_process';
import type { TopResult } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { findHostProgram, HOST_PATH } from '../../host/index.ts';
import type { ContainerHome } from '../home.ts';
import { isAlive, settle } from '../life/settle.ts';
import type { ContainerFolder } from '../record.ts';

const PATIENCE_MS = 10_000;
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Lists the processes of a running container with the host's `ps`, as Docker does: users and numbers are those of the host. Throws
 * `in-use` if it does not run, `unsupported` without `ps`, `usage` for arguments that `ps` refuses or that show no PID.
 */
export async function listProcesses(
  home: ContainerHome,
  folder: ContainerFolder,
  args: readonly string[],
): Promise<TopResult> {
  const state = await settle(home, folder);
  if (!isAlive(state)) throw new MkimageError('in-use', `Container ${folder.id} is not running`);
  const pids = new Set(home.sandbox.groupsOf(folder.id).pids());
  const output = await runPs(args.length === 0 ? ['-ef'] : args);
  return selectProcesses(output, pids.size > 0 ? pids : new Set([state.pid]));
}

function runPs(args: readonly string[]): Promise<string> {
  const program = findHostProgram('ps');
  if (program === undefined)
    throw new MkimageError('unsupported', 'list processes: the program `ps` is not on this machine', {
      hint: 'install the package `procps`',
    });
  const options = { env: { PATH: HOST_PATH, LC_ALL: 'C' }, timeout: PATIENCE_MS, maxBuffer: MOST_BYTES } as const;
  return new Promise((resolve, reject) => {
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new MkimageError('usage', `ps ${args.join(' ')}: ${stderr.trim().split('\n')[0] ?? error.message}`));
    });
  });
}

/** Keeps the lines of these processes; the last column keeps its spaces. */
export function selectProcesses(output: string, pids: ReadonlySet<number>): TopResult {
  const [first = '', ...lines] = output.split('\n');
  const titles = first.split(/ +/).filter(Boolean);
  const column = titles.indexOf('PID');
  if (column < 0) throw new MkimageError('usage', "Couldn't find PID field in ps output");
  const rows = lines.filter((line) => line !== '').map((line) => splitRow(line, titles.length));
  return { Titles: titles, Processes: rows.filter((row) => pids.has(Number(row[column]))) };
}

function splitRow(line: string, columns: number): readonly string[] {
  const words = line.split(/ +/).filter(Boolean);
  return words.length <= columns ? words : [...words.slice(0, columns - 1), words.slice(columns - 1).join(' ')];
}
