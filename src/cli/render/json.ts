import { digestOf } from '../../oci/index.ts';
import type { ProgressEvent } from '../../progress.ts';
import type { Terminal } from '../terminal.ts';
import { PacedOutput } from './paced-output.ts';
import type { Renderer } from './renderer.ts';
import { StepTable, type StepView } from './step-table.ts';

/**
 * `--progress=rawjson`: one JSON object a line with the members of BuildKit's `client.SolveStatus` (`vertexes`, `statuses`,
 * `logs`, `warnings`), for programs that read `docker build --progress=rawjson`. A vertex's digest is that of its step's id. No line
 * is longer than 64 KiB, which is what readers of lines take by default: long output comes in several, other text is cut.
 */
export function jsonRenderer(terminal: Pick<Terminal, 'stderr' | 'now'>): Renderer {
  const table = new StepTable();
  const transferStarts = new Map<string, number>();
  const output = new PacedOutput(terminal.stderr);
  return {
    report(event) {
      const now = terminal.now();
      const step = table.apply(event, now);
      const status = step === undefined ? looseStatuses(event) : stepStatuses(event, step, now, transferStarts);
      output.write(status.map((each) => `${JSON.stringify(each)}\n`).join(''));
    },
    caughtUp: () => output.caughtUp(),
    finish: () => {},
  };
}

function stepStatuses(
  event: ProgressEvent,
  step: StepView,
  now: number,
  starts: Map<string, number>,
): readonly object[] {
  switch (event.type) {
    case 'step-started':
    case 'step-finished':
      return [{ vertexes: [vertexOf(step)] }];
    case 'step-cached':
      return [{ vertexes: [{ ...vertexOf(step), cached: true }] }];
    case 'step-failed':
      return [{ vertexes: [{ ...vertexOf(step), error: cutText(event.error) }] }];
    case 'step-output':
      return pieces(event.text).map((data) => ({ logs: [logOf(step, event.stream === 'stdout' ? 1 : 2, data, now)] }));
    case 'step-progress': {
      const key = `${step.number} ${event.item}`;
      if (!starts.has(key)) starts.set(key, now);
      return [{ statuses: [transferStatus(event, step, starts.get(key)!, now)] }];
    }
    case 'warning':
      return [{ warnings: [warningOf(event, digestOf(step.id))] }];
    case 'step-missed':
      return [{ logs: [logOf(step, 2, Buffer.from(`not cached: ${cutText(event.reason)}\n`), now)] }];
    case 'note':
      return [];
  }
}

function looseStatuses(event: ProgressEvent): readonly object[] {
  return event.type === 'warning' ? [{ warnings: [warningOf(event, undefined)] }] : [];
}

function vertexOf(step: StepView): object {
  return {
    digest: digestOf(step.id),
    name: cutText(step.name),
    started: time(step.startedAt),
    ...(step.finishedAt === undefined ? {} : { completed: time(step.finishedAt) }),
  };
}

function logOf(step: StepView, stream: 1 | 2, data: Buffer, now: number): object {
  return { vertex: digestOf(step.id), stream, data: data.toString('base64'), timestamp: time(now) };
}

function transferStatus(
  event: Extract<ProgressEvent, { type: 'step-progress' }>,
  step: StepView,
  startedAt: number,
  now: number,
): object {
  return {
    id: cutText(event.item),
    vertex: digestOf(step.id),
    ...(event.total === undefined ? {} : { total: event.total }),
    current: event.current,
    timestamp: time(now),
    started: time(startedAt),
    ...(event.done ? { completed: time(now) } : {}),
  };
}

function warningOf(event: Extract<ProgressEvent, { type: 'warning' }>, vertex: string | undefined): object {
  return {
    ...(vertex === undefined ? {} : { vertex }),
    level: 1,
    short: base64(event.message),
    ...(event.hint === undefined ? {} : { detail: [base64(event.hint)] }),
  };
}

/** Go's JSON writes bytes so. */
function base64(text: string): string {
  return Buffer.from(cutText(text)).toString('base64');
}

/** Of the output of a step in one line (bytes); base64 makes a third more of them. */
const MOST_BYTES = 32_768;

function pieces(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / MOST_BYTES);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * MOST_BYTES, (index + 1) * MOST_BYTES));
}

/** Of a name or message (UTF-16 units); JSON makes six bytes of some. */
const MOST_TEXT = 4096;

function cutText(text: string): string {
  return text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}…`;
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
