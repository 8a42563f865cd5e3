import { appendFileSync, closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerEvent } from '../api/index.ts';

const NAME = 'events.jsonl';
/** Above this size the file becomes the older one of two. */
const MOST_BYTES = 2 ** 20;
const PAUSE_MS = 50;

/** Appends an event. Events are information: a failure to write one does not stop the work. */
export function tellEvent(home: string, event: ContainerEvent): void {
  const file = join(home, NAME);
  try {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MOST_BYTES) renameSync(file, `${file}.1`);
    appendFileSync(file, `${JSON.stringify(event)}\n`, { mode: 0o600 });
  } catch {}
}

/** Reads events since a time (milliseconds since 1970), and with `follow` those that happen later, until the signal is aborted. */
export async function* readEvents(
  home: string,
  {
    since,
    follow,
    signal,
  }: { readonly since: number | undefined; readonly follow: boolean; readonly signal: AbortSignal },
): AsyncGenerator<ContainerEvent> {
  const file = join(home, NAME);
  const isWanted = (event: ContainerEvent) => since === undefined || event.timeNano / 1e6 >= since;
  if (since !== undefined) for (const event of readWhole(`${file}.1`)) if (isWanted(event)) yield event;
  let reader = since === undefined ? new EventReader(file, sizeOf(file)) : new EventReader(file, 0);
  for (;;) {
    for (const event of reader.read()) if (isWanted(event)) yield event;
    if (!follow || signal.aborted) return;
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    if (reader.wasReplaced()) reader = new EventReader(file, 0);
  }
}

/** Returns the exit code of the last run of a container, also of one that is removed; undefined if no event tells it. */
export function findLastExit(home: string, id: string): number | undefined {
  const file = join(home, NAME);
  const ends = [...readWhole(`${file}.1`), ...readWhole(file)].filter(
    (each) => each.id === id && each.Action === 'die',
  );
  const code = ends.at(-1)?.Actor.Attributes.exitCode;
  return code === undefined ? undefined : Number(code);
}

function readWhole(file: string): readonly ContainerEvent[] {
  return [...new EventReader(file, 0).read()];
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

class EventReader {
  readonly #path: string;
  #offset: number;
  #held = '';

  constructor(path: string, offset: number) {
    this.#path = path;
    this.#offset = offset;
  }

  wasReplaced(): boolean {
    return sizeOf(this.#path) < this.#offset;
  }

  *read(): Generator<ContainerEvent> {
    this.#held += this.#readRest();
    const lines = this.#held.split('\n');
    this.#held = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line) as ContainerEvent;
  }

  #readRest(): string {
    const size = sizeOf(this.#path);
    if (size <= this.#offset) return '';
    const file = openSync(this.#path, 'r');
    try {
      const bytes = Buffer.alloc(size - this.#offset);
      const count = readSync(file, bytes, 0, bytes.length, this.#offset);
      this.#offset += count;
      return bytes.toString('utf8', 0, count);
    } finally {
      closeSync(file);
    }
  }
}
