import { spawn } from '@lydell/node-pty';

const LIMIT_MS = 20_000;

/** A program on a terminal of its own. */
export interface TerminalSession {
  /** Resolves when the output matches, from the end of the last match on. Fails with the output after 20 seconds. */
  see(pattern: RegExp): Promise<void>;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
}

/** Starts a program on a terminal of 80 columns and 24 rows. */
export function openTerminal(argv: readonly string[], env: Readonly<Record<string, string>>): TerminalSession {
  const all = { ...process.env, ...env, TERM: 'xterm' } as Record<string, string>;
  const child = spawn(argv[0]!, argv.slice(1), { env: all, cols: 80, rows: 24 });
  let shown = '';
  let look = () => {};
  child.onData((text) => {
    shown += text;
    look();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 3 * LIMIT_MS);
  const ended = new Promise<number>((settle) => child.onExit(({ exitCode }) => settle(exitCode)));
  void ended.then(() => clearTimeout(timer));
  return {
    see: (pattern) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`${pattern} is not in ${JSON.stringify(shown)}`)), LIMIT_MS);
        look = () => {
          const found = pattern.exec(shown);
          if (found === null) return;
          shown = shown.slice(found.index + found[0].length);
          look = () => {};
          clearTimeout(late);
          resolve();
        };
        look();
      }),
    type: (text) => child.write(text),
    resize: (columns, rows) => child.resize(columns, rows),
    ended,
  };
}
