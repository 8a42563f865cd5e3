import { EventEmitter } from 'node:events';
import readline from 'node:readline';
import xterm from '@xterm/headless';

/** A terminal emulator: what has been written to it, as a person would see it. */
export class Screen {
  readonly #terminal: InstanceType<typeof xterm.Terminal>;

  constructor(columns: number, rows: number) {
    this.#terminal = new xterm.Terminal({
      cols: columns,
      rows,
      scrollback: 5000,
      allowProposedApi: true,
      convertEol: true,
    });
  }

  write(text: string): void {
    this.#terminal.write(text);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  /** Every line, those that have scrolled away first, without trailing spaces and empty lines at the end. */
  async lines(): Promise<string[]> {
    await new Promise<void>((resolve) => this.#terminal.write('', resolve));
    const buffer = this.#terminal.buffer.active;
    const lines = Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row)?.translateToString(true) ?? '');
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }
}

/** The screen as an output of the process, for code that runs in this process. */
export class ScreenStream extends EventEmitter {
  readonly isTTY = true;
  readonly #screen: Screen;
  columns: number;
  rows: number;
  bytesWritten = 0;

  constructor(screen: Screen, columns: number, rows: number) {
    super();
    this.#screen = screen;
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string | Uint8Array): boolean {
    this.bytesWritten += Buffer.byteLength(text);
    this.#screen.write(String(text));
    return true;
  }
  cursorTo(column: number): boolean {
    return readline.cursorTo(this as unknown as NodeJS.WritableStream, column);
  }
  moveCursor(columns: number, rows: number): boolean {
    return readline.moveCursor(this as unknown as NodeJS.WritableStream, columns, rows);
  }
  clearLine(direction: readline.Direction): boolean {
    return readline.clearLine(this as unknown as NodeJS.WritableStream, direction);
  }
  resize(columns: number, rows: number): void {
    this.#screen.resize(columns, rows);
    Object.assign(this, { columns, rows });
    this.emit('resize');
  }
}
