import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { MkimageError } from '../errors.ts';
import type { Call } from '../progress.ts';
import { OutputTail } from './output-tail.ts';
import { Redactor } from './redact.ts';

const TAIL_LINES = 20;

/**
 * Writes the complete output of one process to disk, and keeps its last lines in memory. Without output there is no
 * file.
 */
export class RunLog implements Disposable {
  readonly file: string;
  #fd: number | undefined;
  readonly #tail = new OutputTail();

  constructor(file: string) {
    this.file = file;
  }

  /** The last lines, for the error of a failed process. */
  get tail(): readonly string[] {
    return this.#tail.lines(TAIL_LINES);
  }

  get isEmpty(): boolean {
    return this.#fd === undefined;
  }

  write(bytes: Uint8Array): void {
    try {
      this.#fd ??= createFile(this.file);
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (cause) {
      throw new MkimageError('store', `write log \`${this.file}\`: ${(cause as Error).message}`, { cause });
    }
    this.#tail.push(bytes);
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}

function createFile(file: string): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return openSync(file, 'w', 0o600);
}

export interface FollowTarget {
  readonly log: Pick<RunLog, 'write'>;
  /** Gets the output as whole characters; never an empty text. */
  readonly show: (text: string) => void;
  /** Values that are never shown or written. */
  readonly secrets: readonly string[];
  readonly call: Pick<Call, 'signal' | 'drain'>;
}

/**
 * Shows a stream live and writes it to the log. The process waits if the log or the reader is slow. Resolves when the
 * stream ends.
 */
export async function follow(stream: Readable, { log, show, secrets, call }: FollowTarget): Promise<void> {
  const decoder = new StringDecoder('utf8');
  const redactor = new Redactor(secrets);
  const showText = (text: string): void => {
    if (text !== '') show(text);
  };
  const pass = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    log.write(bytes);
    showText(decoder.write(bytes));
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    pass(redactor.push(chunk));
    await waitForReaders(call);
  }
  pass(redactor.end());
  showText(decoder.end());
}

/** Resolves when all readers of the progress have caught up, or the call is cancelled. */
async function waitForReaders({ drain, signal }: FollowTarget['call']): Promise<void> {
  const reading = drain?.();
  if (reading === undefined || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      signal.removeEventListener('abort', go);
      resolve();
    };
    signal.addEventListener('abort', go);
    void reading.then(go);
  });
}
