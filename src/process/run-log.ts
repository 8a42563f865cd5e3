import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { MkimageError } from '../errors.ts';
import type { Call, StepId } from '../progress.ts';
import { OutputTail } from './output-tail.ts';
import { Redactor } from './redact.ts';

const TAIL_LINES = 20;

/** The whole output of one step on disk, never clipped, and its last lines in memory. No output, no file. */
export class RunLog implements Disposable {
  readonly file: string;
  #fd: number | undefined;
  readonly #tail = new OutputTail();

  constructor(file: string) {
    this.file = file;
  }

  /** The last lines, for the error of a failing step. */
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
  readonly step: StepId;
  readonly log: RunLog;
  readonly call: Call;
  /** Values that are never shown or written. */
  readonly secrets: readonly string[];
}

/**
 * Reports a stream live and writes it to the log, as fast as log and reader take it: the step waits for them. Resolves when the
 * stream ends.
 */
export async function follow(stream: Readable, name: 'stdout' | 'stderr', to: FollowTarget): Promise<void> {
  const decoder = new StringDecoder('utf8');
  const redactor = new Redactor(to.secrets);
  const report = (text: string): void => {
    if (text !== '') to.call.report({ type: 'step-output', step: to.step, stream: name, text });
  };
  const show = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    to.log.write(bytes);
    report(decoder.write(bytes));
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    show(redactor.push(chunk));
    await watched(to.call);
  }
  show(redactor.end());
  report(decoder.end());
}

/** Resolves when those who watch have caught up, or nobody wants the step any more. */
async function watched({ caughtUp, signal }: Call): Promise<void> {
  const reading = caughtUp?.();
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
