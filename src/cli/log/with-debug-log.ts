import { closeSync, openSync, writeSync } from 'node:fs';
import { release } from 'node:os';
import { resolve } from 'node:path';
import { openLog } from '../../engine/log.ts';
import { isMkimageError, MkimageError } from '../../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import type { DebugLog, Terminal } from '../terminal.ts';
import { VERSION } from '../version.ts';
import { formatLogLine } from './log-line.ts';
import { type LogSettings, readLogSettings } from './log-settings.ts';

export interface LoggedVerb {
  readonly name: string;
  /** Value of `--log-level`; undefined if it is not given. */
  readonly level: string | undefined;
  readonly run: (terminal: Terminal) => Promise<ExitCode>;
}

/** Runs a command, with a debug log on request. Throws `usage` for invalid settings or a log file that is not writable. */
export async function withDebugLog({ name, level, run }: LoggedVerb, terminal: Terminal): Promise<ExitCode> {
  const settings = readLogSettings(level, terminal.env);
  if (settings === undefined) return run(terminal);
  using debugLog = new LineLog(settings, terminal);
  const { log } = debugLog;
  const [startedAt, kernel, { arch, version: node }] = [terminal.now(), release(), process];
  log.debug('engine', 'command started', { command: name, version: VERSION, node, arch, kernel });
  try {
    const code = await run({ ...terminal, debugLog });
    log.debug('engine', 'command ended', { code, ms: terminal.now() - startedAt });
    return code;
  } catch (error) {
    const code = isMkimageError(error) ? error.code : 'internal';
    const why = error instanceof Error ? error.message : String(error);
    log.debug('engine', 'command failed', { error: code, why, ms: terminal.now() - startedAt });
    throw error;
  }
}

/** Writes each entry as a line immediately, so that the file is complete even if the process is killed. */
class LineLog implements DebugLog, Disposable {
  readonly log;
  readonly #terminal: Terminal;
  readonly #file: number | undefined;
  #show: (line: string) => void;
  #isBroken = false;

  constructor({ areas, file }: LogSettings, terminal: Terminal) {
    this.#terminal = terminal;
    this.#file = file === undefined ? undefined : openFile(file, terminal.cwd());
    this.#show = this.#writeToStderr;
    this.log = openLog({
      wants: (area) => areas.has(area),
      write: (entry) => this.#write(formatLogLine(entry, terminal.now())),
    });
  }

  get isOnStderr(): boolean {
    return this.#file === undefined;
  }

  showBy(show: (line: string) => void): () => void {
    this.#show = show;
    return () => {
      this.#show = this.#writeToStderr;
    };
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }

  #write(line: string): void {
    if (this.#file === undefined) this.#show(line);
    else if (!this.#isBroken) this.#append(this.#file, `${line}\n`);
  }

  /** A write error does not fail the command: it shows one warning and stops the log. */
  #append(file: number, text: string): void {
    try {
      writeSync(file, text);
    } catch (error) {
      this.#isBroken = true;
      this.#show(`warning: the log cannot be written any more: ${(error as Error).message}`);
    }
  }

  readonly #writeToStderr = (line: string): void => void this.#terminal.stderr.write(`${line}\n`);
}

function openFile(file: string, cwd: string): number {
  try {
    return openSync(resolve(cwd, file), 'a', 0o600);
  } catch (cause) {
    throw new MkimageError('usage', `write log \`${file}\`: ${(cause as Error).message}`, {
      cause,
      hint: 'MKIMAGE_LOG_FILE names a file in a directory that is there and may be written to',
    });
  }
}
