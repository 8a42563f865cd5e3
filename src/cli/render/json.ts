import { digestOf } from '../../oci/index.ts';
import type { ProgressEvent } from '../../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { Renderer } from './renderer.ts';
import { StepTable, type StepView } from './step-table.ts';

/**
 * `--progress=rawjson`: one JSON object a line with the members of BuildKit's `client.SolveStatus` (`vertexes`, `statuses`,
 * `logs`, `warnings`), for programs that read `docker build --progress=rawjson`. A vertex's digest is that of its step's id.
 */
export function jsonRenderer(terminal: Pick<Terminal, 'stderr' | 'now'>): Renderer {
  const table = new StepTable();
  const transferStarts = new Map<string, number>();
  return {
    report(event) {
      const now = terminal.now();
      const step = table.apply(event, now);
      const status = step === undefined ? looseStatus(event) : stepStatus(event, step, now, transferStarts);
      if (status !== undefined) terminal.stderr.write(`${JSON.stringify(status)}\n`);
    },
    finish: () => {},
  };
}

function stepStatus(
  event: ProgressEvent,
  step: StepView,
  now: number,
  starts: Map<string, number>,
): object | undefined {
  switch (event.type) {
    case 'step-started':
    case 'step-finished':
      return { vertexes: [vertexOf(step)] };
    case 'step-cached':
      return { vertexes: [{ ...vertexOf(step), cached: true }] };
    case 'step-failed':
      return { vertexes: [{ ...vertexOf(step), error: event.error }] };
    case 'step-output':
      return { logs: [logOf(step, event.stream === 'stdout' ? 1 : 2, event.text, now)] };
    case 'step-progress': {
      const key = `${step.number} ${event.item}`;
      if (!starts.has(key)) starts.set(key, now);
      return { statuses: [transferStatus(event, step, starts.get(key)!, now)] };
    }
    case 'warning':
      return { warnings: [warningOf(event, digestOf(step.id))] };
    case 'step-missed':
      return { logs: [logOf(step, 2, `not cached: ${event.reason}\n`, now)] };
    case 'note':
      return undefined;
  }
}

function looseStatus(event: ProgressEvent): object | undefined {
  return event.type === 'warning' ? { warnings: [warningOf(event, undefined)] } : undefined;
}

function vertexOf(step: StepView): object {
  return {
    digest: digestOf(step.id),
    name: step.name,
    started: time(step.startedAt),
    ...(step.finishedAt === undefined ? {} : { completed: time(step.finishedAt) }),
  };
}

function logOf(step: StepView, stream: 1 | 2, text: string, now: number): object {
  return { vertex: digestOf(step.id), stream, data: base64(text), timestamp: time(now) };
}

function transferStatus(
  event: Extract<ProgressEvent, { type: 'step-progress' }>,
  step: StepView,
  startedAt: number,
  now: number,
): object {
  return {
    id: event.item,
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
  return Buffer.from(text).toString('base64');
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
