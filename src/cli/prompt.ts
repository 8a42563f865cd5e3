/** Questions to the user at a terminal. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { MkimageError } from '../errors.ts';
import type { Terminal } from './terminal.ts';

type Input = Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): void };

const MOST_PASSWORD = 1024 * 1024;

/** Asks for a line. Throws `usage` without a terminal, `cancelled`. */
export function askLine(question: string, terminal: Terminal): Promise<string> {
  const input = requireTerminal(terminal);
  terminal.stderr.write(question);
  return readLine(input, terminal);
}

/** Asks for a line that the terminal does not show. Throws as `askLine`. */
export async function askSecret(question: string, terminal: Terminal): Promise<string> {
  const input = requireTerminal(terminal);
  // Before the question: the answer can come at once, and must not be shown.
  input.setRawMode?.(true);
  try {
    terminal.stderr.write(question);
    return await readHiddenLine(input, terminal);
  } finally {
    input.setRawMode?.(false);
    input.pause();
    terminal.stderr.write('\n');
  }
}

/** Reads a password from standard input, without the line feed at its end. Throws `usage` if it is too long. */
export async function readPassword({ stdin }: Terminal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin() as AsyncIterable<Buffer | string>) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > MOST_PASSWORD) throw new MkimageError('usage', 'read password: it is too long');
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

function requireTerminal(terminal: Terminal): Input {
  const input: Input = terminal.stdin();
  if (input.isTTY === true) return input;
  throw new MkimageError('usage', 'Cannot perform an interactive login from a non TTY device', {
    hint: 'use `--username` and `--password-stdin`',
  });
}

function readLine(input: Input, { signal }: Terminal): Promise<string> {
  const lines = createInterface({ input, terminal: false });
  return new Promise<string>((settle, fail) => {
    const cancel = () => fail(createCancelled(signal));
    signal.addEventListener('abort', cancel, { once: true });
    lines.once('line', settle);
    lines.once('close', () => fail(new MkimageError('usage', 'read user name: the input ended')));
  }).finally(() => lines.close());
}

/** In raw mode the terminal sends keys, not lines: Ctrl-C, Ctrl-D and backspace are ours to handle. */
function readHiddenLine(input: Input, { signal }: Terminal): Promise<string> {
  return new Promise<string>((settle, fail) => {
    let typed = '';
    const take = (chunk: Buffer | string) => {
      for (const key of String(chunk)) {
        if (key === '\r' || key === '\n') return finish(() => settle(typed));
        if (key === '\u0003' || key === '\u0004') return finish(() => fail(createCancelled(signal)));
        typed = key === '\u007f' || key === '\b' ? typed.slice(0, -1) : typed + key;
      }
    };
    const cancel = () => finish(() => fail(createCancelled(signal)));
    const finish = (end: () => void) => {
      input.off('data', take);
      signal.removeEventListener('abort', cancel);
      end();
    };
    signal.addEventListener('abort', cancel, { once: true });
    input.on('data', take);
    input.resume();
  });
}

function createCancelled({ reason }: AbortSignal): MkimageError {
  return new MkimageError('cancelled', 'cancelled', { cause: reason });
}
