import type { Writable } from 'node:stream';
import { DetachKeys } from '../../docker-syntax/index.ts';
import { showUnchanged } from '../../engine/containers/attach/show-unchanged.ts';
import type { Terminal } from '../terminal.ts';

export interface ConnectOptions {
  /** The input of the container; undefined: none, or it is not wanted. */
  readonly input: Writable | undefined;
  readonly isTty: boolean;
  readonly detachKeys: string | undefined;
  readonly resize: (size: { readonly rows: number; readonly columns: number }) => void;
  /** Sends a signal to the container. */
  readonly signal: (name: NodeJS.Signals) => void;
  readonly proxiesSignals: boolean;
}

export interface TerminalConnection {
  /** Resolves when the user types the detach keys. */
  readonly detached: Promise<undefined>;
  close(): void;
}

/** Connects the input, the window size and the signals of this process to a container. */
export function connectTerminal(terminal: Terminal, options: ConnectOptions): TerminalConnection {
  const { input, isTty, resize } = options;
  const release = listenToSignals(terminal, options);
  const tellSize = () => {
    const { rows, columns } = terminal.stdout;
    if (isTty && rows !== undefined && columns !== undefined) tryResize(resize, { rows, columns });
  };
  tellSize();
  const typing = input === undefined ? undefined : new Typing(terminal, input, options);
  return {
    detached: typing?.detached ?? new Promise(() => {}),
    close: () => {
      release();
      typing?.close();
    },
  };
}

function listenToSignals(terminal: Terminal, { signal, proxiesSignals, isTty, resize }: ConnectOptions): () => void {
  const release = terminal.takeSignals?.((name) => {
    const { rows, columns } = terminal.stdout;
    if (name === 'SIGWINCH') {
      if (isTty && rows !== undefined && columns !== undefined) tryResize(resize, { rows, columns });
    } else if (proxiesSignals) signal(name);
  });
  return release ?? (() => {});
}

function tryResize(resize: ConnectOptions['resize'], size: { readonly rows: number; readonly columns: number }): void {
  try {
    resize(size);
  } catch {} // the container has ended
}

/** Copies standard input to a container. A terminal is in raw mode meanwhile. */
class Typing {
  readonly detached: Promise<undefined>;
  readonly #stdin: ReturnType<Terminal['stdin']>;
  readonly #close: () => void;

  constructor(terminal: Terminal, input: Writable, { isTty, detachKeys }: ConnectOptions) {
    this.#stdin = terminal.stdin();
    const isRaw = isTty && this.#stdin.isTTY === true;
    if (isRaw) {
      this.#stdin.setRawMode?.(true);
      showUnchanged();
    }
    const keys = isTty ? new DetachKeys(detachKeys) : undefined;
    let leave: (value: undefined) => void = () => {};
    this.detached = new Promise((resolve) => {
      leave = resolve;
    });
    input.on('error', () => {}); // the container has closed its input
    const copy = (chunk: Buffer) => {
      const { bytes, isDetached } = keys?.push(chunk) ?? { bytes: chunk, isDetached: false };
      if (bytes.length > 0 && !input.write(bytes)) {
        this.#stdin.pause();
        input.once('drain', () => this.#stdin.resume());
      }
      if (isDetached) leave(undefined);
    };
    const end = () => {
      if (!isTty) input.end();
    };
    this.#stdin.on('data', copy).on('end', end).on('error', end);
    this.#close = () => {
      this.#stdin.removeListener('data', copy).removeListener('end', end);
      if (isRaw) this.#stdin.setRawMode?.(false);
      this.#stdin.pause();
    };
  }

  close(): void {
    this.#close();
  }
}
