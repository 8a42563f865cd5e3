/** The destination of an archive: a file that is renamed into place when complete, or a stream. */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, type Stats, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import { requireOwnPipe, resolveRealPath } from '../host/index.ts';
import { outputFault } from './output-fault.ts';
import { openPipeEnd } from './pipe-end.ts';

/** Receives the bytes of an archive. Only `commit` makes them final; dispose removes what was not committed. */
export interface Output extends AsyncDisposable {
  /** The bytes are consumed when it returns, so the caller may reuse the buffer. */
  write(bytes: Uint8Array): void;
  /** Waits until the reader has caught up. Throws if the reader is gone. */
  waitForReader(signal: AbortSignal): Promise<void>;
  commit(): Promise<void>;
}

/** Opens `-` (stdout) or a path. A pipe waits for its reader. Throws `usage`, `store`, `cancelled`. */
export async function openOutput(dest: string, stdout: () => Writable, signal: AbortSignal): Promise<Output> {
  if (dest === '-') return new StreamOutput(stdout());
  try {
    const path = resolveRealPath(dest);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isFIFO()) {
      requireOwnPipe(path);
      return new PipeOutput(await openPipeEnd(path, signal), dest);
    }
    return new FileOutput(dest, path, stats === undefined || isReplaceable(path, stats));
  } catch (error) {
    throw outputFault(dest, error);
  }
}

/** True for a plain file at a path of its own. Targets of links in /proc (`/dev/stdout`) are written directly. */
function isReplaceable(path: string, stats: Stats): boolean {
  return stats.isFile() && !path.startsWith('/proc/');
}

/** Writes a file under a temporary name in the same folder and renames it at the end. Writes to a device directly. */
class FileOutput implements Output {
  readonly #dest: string;
  readonly #temporary: string | undefined;
  readonly #path: string;
  readonly #file: number;
  #open = true;

  constructor(dest: string, path: string, isReplaceable: boolean) {
    this.#dest = dest;
    this.#path = path;
    this.#temporary = isReplaceable ? join(dirname(path), `.${basename(path)}.${randomUUID()}`) : undefined;
    this.#file = openSync(this.#temporary ?? path, isReplaceable ? 'wx' : 'w', 0o644);
  }

  write(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      throw outputFault(this.#dest, error);
    }
  }

  async waitForReader(signal: AbortSignal): Promise<void> {
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

class StreamOutput implements Output {
  readonly #dest: string;
  readonly #stream: Writable;
  #failure: Error | undefined;
  #full = false;
  readonly #failed = (error: Error) => {
    this.#failure = error;
  };

  constructor(stream: Writable, dest = '-') {
    this.#dest = dest;
    this.#stream = stream;
    stream.on('error', this.#failed);
  }

  write(bytes: Uint8Array): void {
    // A copy, because the bytes wait in the stream's queue while the writer reuses its buffer.
    this.#full = !this.#stream.write(Buffer.from(bytes));
  }

  async waitForReader(signal: AbortSignal): Promise<void> {
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
    if (this.#failure !== undefined) throw outputFault(this.#dest, this.#failure);
    if (this.#stream.destroyed) throw new MkimageError('store', `write \`${this.#dest}\`: the reader has closed it`);
  }
}

/** The writing end of a named pipe, which this output closes. */
class PipeOutput extends StreamOutput {
  readonly #end: Writable;

  constructor(end: Writable, dest: string) {
    super(end, dest);
    this.#end = end;
  }

  override async commit(): Promise<void> {
    await super.commit();
    await new Promise<void>((resolve) => this.#end.end(resolve));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#end.destroy();
    await super[Symbol.asyncDispose]();
  }
}
