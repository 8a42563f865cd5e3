import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Call, StepId } from '../progress.ts';
import { Redactor } from './redact.ts';

const TAIL_LINES = 20;

/** The whole output of one step on disk, never clipped, and its last lines in memory. No output, no file. */
export class RunLog implements Disposable {
  readonly file: string;
  #fd: number | undefined;
  #tail: string[] = [];
  #unfinished = '';

  constructor(file: string) {
    this.file = file;
  }

  /** The last lines, for the error of a failing step. */
  get tail(): readonly string[] {
    return this.#unfinished === '' ? this.#tail : [...this.#tail, this.#unfinished];
  }

  get isEmpty(): boolean {
    return this.#fd === undefined;
  }

  write(text: string): void {
    if (this.#fd === undefined) {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
      this.#fd = openSync(this.file, 'w', 0o600);
    }
    writeSync(this.#fd, text);
    const lines = (this.#unfinished + text).split('\n');
    this.#unfinished = lines.pop() ?? '';
    this.#tail = [...this.#tail, ...lines].slice(-TAIL_LINES);
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}

export interface FollowTarget {
  readonly step: StepId;
  readonly log: RunLog;
  readonly call: Call;
  /** Values that are never shown or written. */
  readonly secrets: readonly string[];
}

/** Reports a stream live and writes it to the log; resolves when it ends. */
export async function follow(stream: Readable, name: 'stdout' | 'stderr', to: FollowTarget): Promise<void> {
  const decoder = new StringDecoder('utf8');
  const redactor = new Redactor(to.secrets);
  const show = (text: string): void => {
    if (text === '') return;
    to.log.write(text);
    to.call.report({ type: 'step-output', step: to.step, stream: name, text });
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) show(redactor.push(decoder.write(chunk)));
  show(redactor.push(decoder.end()) + redactor.end());
}
