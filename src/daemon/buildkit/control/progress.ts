/** Events of the engine as BuildKit reports them: each step is a vertex. */
import type { BuildResult } from '../../../api/index.ts';
import { digestOf } from '../../../oci/index.ts';
import type { Call, ProgressEvent } from '../../../progress.ts';
import { createVertex, createVertexStatus, createWarning, type Timestamp, type Vertex } from './build-messages.ts';
import { toBuildkitQuotes } from './failures.ts';
import type { StatusFeed } from './status-feed.ts';

type Warning = BuildResult['warnings'][number];

/** Longest piece of a step's output in one report. */
const PIECE = 1024 * 1024;

/** Told how many bytes were moved so far, and whether these are all. */
type Moved = (what: string, bytes: number, isAll: boolean) => void;

/** Translates the events of one run. Two runs of one client's build never share a vertex. */
export class ProgressReporter {
  readonly #feed: StatusFeed;
  readonly #scope: string;
  readonly #clock: () => number;
  readonly #vertexes = new Map<string, Vertex>();
  readonly #starts = new Map<string, Timestamp>();

  constructor(feed: StatusFeed, scope: string, clock: () => number) {
    this.#feed = feed;
    this.#scope = scope;
    this.#clock = clock;
  }

  readonly report: Call['report'] = (event) => {
    switch (event.type) {
      case 'step-started':
        return this.#show(event.step, { name: toDisplayName(event.name) });
      case 'step-cached':
        return this.#show(event.step, { name: event.name, isCached: true, completed: this.#now() });
      case 'step-finished':
        return this.#show(event.step, { completed: this.#now() });
      case 'step-failed':
        return this.#show(event.step, { completed: this.#now(), error: toBuildkitQuotes(event.error) });
      case 'step-output':
        return this.#log(event);
      case 'step-progress':
        return this.#transfer(event);
      case 'warning':
        return this.#warn(event);
      case 'step-missed':
      case 'note':
        return;
      default:
        return event satisfies never;
    }
  };

  /** Shows work of the daemon itself as a vertex. */
  async showWork<T>(step: string, name: string, work: (moved: Moved) => Promise<T>): Promise<T> {
    this.report({ type: 'step-started', step, name });
    try {
      const result = await work((item, current, done) =>
        this.report({ type: 'step-progress', step, item, current, unit: 'bytes', done }),
      );
      this.report({ type: 'step-finished', step });
      return result;
    } catch (error) {
      this.report({ type: 'step-failed', step, error: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  /** Ends vertexes that a failure left open, or clients would show them as running. */
  close(error: string): void {
    for (const [step, { completed }] of this.#vertexes)
      if (completed === undefined) this.report({ type: 'step-failed', step, error });
  }

  /** Warnings of the checks, with their lines. */
  warnOfFile(warnings: readonly Warning[], file: BuildResult['file'], step: string): void {
    const info = { filename: file.name, data: Buffer.from(file.text) };
    this.#feed.add({
      warnings: warnings.map(({ code, message, hint, range: { start, end } }) =>
        createWarning({
          vertex: this.#digestOf(step),
          level: 1,
          short: Buffer.from(`${code}: ${message} (line ${start.line})`),
          detail: hint === undefined ? [] : [Buffer.from(hint)],
          url: hint?.startsWith('see https://') === true ? hint.slice('see '.length) : '',
          info,
          ranges: [{ start: { line: start.line, character: 0 }, end: { line: end.line, character: 0 } }],
        }),
      ),
    });
  }

  #show(step: string, more: Partial<Vertex>): void {
    const before = this.#vertexes.get(step) ?? createVertex({ digest: this.#digestOf(step), started: this.#now() });
    const vertex = { ...before, ...more };
    this.#vertexes.set(step, vertex);
    this.#feed.add({ vertexes: [vertex] });
  }

  #log({ step, stream, text }: ProgressEvent & { readonly type: 'step-output' }): void {
    const bytes = Buffer.from(text);
    const common = { vertex: this.#digestOf(step), timestamp: this.#now(), stream: stream === 'stdout' ? 1 : 2 };
    for (let at = 0; at < bytes.length; at += PIECE)
      this.#feed.add({ logs: [{ ...common, message: bytes.subarray(at, at + PIECE) }] });
  }

  #transfer({ step, item, current, total = 0, done }: ProgressEvent & { readonly type: 'step-progress' }): void {
    const timestamp = this.#now();
    const key = `${step} ${item}`;
    const started = this.#starts.get(key) ?? timestamp;
    this.#starts.set(key, started);
    const status = { id: item, vertex: this.#digestOf(step), current, total, timestamp, started };
    this.#feed.add({ statuses: [createVertexStatus(done ? { ...status, completed: timestamp } : status)] });
  }

  #warn({ step, message, hint }: ProgressEvent & { readonly type: 'warning' }): void {
    const detail = hint === undefined ? [] : [Buffer.from(hint)];
    const vertex = step === undefined ? '' : this.#digestOf(step);
    this.#feed.add({ warnings: [createWarning({ vertex, level: 1, short: Buffer.from(message), detail })] });
  }

  #digestOf(step: string): string {
    return digestOf(`${this.#scope} ${step}`);
  }

  #now(): Timestamp {
    const now = this.#clock();
    return { seconds: Math.floor(now / 1000), nanos: (now % 1000) * 1_000_000 };
  }
}

/** BuildKit's names of exports. Those of the engine end with a path of this machine, which means nothing to the client. */
const EXPORTS: readonly (readonly [start: string, name: string])[] = [
  ['exporting image', 'exporting to image'],
  ['exporting oci to ', 'exporting to oci image format'],
  ['exporting docker to ', 'exporting to docker image format'],
  ['exporting local to ', 'exporting to client directory'],
  ['exporting tar to ', 'exporting to client tarball'],
];

function toDisplayName(name: string): string {
  return EXPORTS.find(([start]) => name.startsWith(start))?.[1] ?? name;
}
