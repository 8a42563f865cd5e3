/** Where an archive goes: a file that appears whole or not at all, or a stream. */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import { outputFault } from './output-fault.ts';

/** Takes an archive's bytes. Exactly `commit` makes them final; dispose takes back what was not committed. */
export interface Output extends AsyncDisposable {
  /** Is done with the bytes when it returns: the buffer is used again. */
  write(bytes: Uint8Array): void;
  /** Waits until the reader has caught up. Throws if there is nobody to read any more. */
  drained(signal: AbortSignal): Promise<void>;
  commit(): Promise<void>;
}

/** Opens `-` (stdout) or a path. Throws `usage`, `store`. */
export function openOutput(dest: string, stdout: () => Writable): Output {
  if (dest === '-') return new StreamOutput(stdout());
  return FileOutput.open(dest);
}

/** A file under a temporary name beside its place, renamed at the end. What is no regular file (`/dev/null`, a pipe) is written as it is. */
class FileOutput implements Output {
  readonly #dest: string;
  readonly #temporary: string | undefined;
  readonly #path: string;
  readonly #file: number;
  #open = true;

  private constructor(dest: string, path: string, temporary: string | undefined) {
    this.#dest = dest;
    this.#path = path;
    this.#temporary = temporary;
    this.#file = openSync(temporary ?? path, temporary === undefined ? 'w' : 'wx', 0o644);
  }

  static open(dest: string): FileOutput {
    try {
      const path = realPathOf(dest);
      const special = statSync(path, { throwIfNoEntry: false })?.isFile() === false;
      const temporary = special ? undefined : join(dirname(path), `.${basename(path)}.${randomUUID()}`);
      return new FileOutput(dest, path, temporary);
    } catch (error) {
      throw outputFault(dest, error);
    }
  }

  write(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      throw outputFault(this.#dest, error);
    }
  }

  async drained(signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
  }

  async commit(): Promise<void> {
    try {
      this.#close();
      if (this.#temporary !== undefined) renameSync(this.#temporary, this.#path);
    } catch (error) {
      if (this.#temporary !== undefined) rmSync(this.#temporary, { force: true });
      throw outputFault(this.#dest, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#close();
    if (this.#temporary !== undefined) rmSync(this.#temporary, { force: true });
  }

  #close(): void {
    this.#open = false;
    closeSync(this.#file);
  }
}

/** A symbolic link stays one: what it leads to is replaced. */
function realPathOf(dest: string): string {
  try {
    return realpathSync(dest);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return join(realpathSync(dirname(dest)), basename(dest));
  }
}

class StreamOutput implements Output {
  readonly #stream: Writable;
  #failure: Error | undefined;
  #full = false;
  readonly #failed = (error: Error) => {
    this.#failure = error;
  };

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', this.#failed);
  }

  write(bytes: Uint8Array): void {
    // The bytes wait in the stream's queue, while the writer's buffer is filled again.
    this.#full = !this.#stream.write(Buffer.from(bytes));
  }

  async drained(signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
    this.#throwIfFailed();
    if (!this.#full) return;
    await this.#until('drain', signal);
    this.#full = false;
    throwIfCancelled(signal);
    this.#throwIfFailed();
  }

  async commit(): Promise<void> {
    await new Promise<void>((resolve) => this.#stream.write('', () => resolve()));
    this.#throwIfFailed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.off('error', this.#failed);
  }

  #until(event: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const events = [event, 'close', 'error'];
      const done = () => {
        for (const name of events) this.#stream.off(name, done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      for (const name of events) this.#stream.on(name, done);
      signal.addEventListener('abort', done);
    });
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw outputFault('-', this.#failure);
    if (this.#stream.destroyed) throw new MkimageError('store', 'write `-`: it was closed');
  }
}
