import { digestOf } from '../../oci/index.ts';
import type { ProgressEvent } from '../../progress.ts';
import type { Terminal } from '../terminal.ts';
import { PacedOutput } from './paced-output.ts';
import type { Renderer } from './renderer.ts';
import { StepTable, type StepView } from './step-table.ts';

/**
 * Creates the renderer for `--progress=rawjson`: one JSON object per line with the members of BuildKit's `client.SolveStatus`
 * (`vertexes`, `statuses`, `logs`, `warnings`), for programs that read `docker build --progress=rawjson`. The digest of a vertex
 * is the digest of the step's id. No line is longer than 64 KiB, the default limit of Go's line scanner: long output is split
 * into several lines, other long text is cut.
 */
export function createJsonRenderer(terminal: Pick<Terminal, 'stderr' | 'now'>): Renderer {
  const table = new StepTable();
  const transferStarts = new Map<string, number>();
  const output = new PacedOutput(terminal.stderr);
  return {
    report(event) {
      const now = terminal.now();
      const step = table.apply(event, now);
      const status =
        step === undefined ? toOtherStatuses(event) : toStepStatuses(event, step, { now, starts: transferStarts });
      output.write(status.map((each) => `${JSON.stringify(each)}\n`).join(''));
    },
    drain: () => output.drain(),
    finish: () => {},
  };
}

function toStepStatuses(
  event: ProgressEvent,
  step: StepView,
  { now, starts }: { readonly now: number; readonly starts: Map<string, number> },
): readonly object[] {
  switch (event.type) {
    case 'step-started':
    case 'step-finished':
      return [{ vertexes: [toVertex(step)] }];
    case 'step-cached':
      return [{ vertexes: [{ ...toVertex(step), cached: true }] }];
    case 'step-failed':
      return [{ vertexes: [{ ...toVertex(step), error: cutText(event.error) }] }];
    case 'step-output':
      return splitPieces(event.text).map((data) => ({
        logs: [toLog(step, { stream: event.stream === 'stdout' ? 1 : 2, data, now })],
      }));
    case 'step-progress': {
      const key = `${step.number} ${event.item}`;
      if (!starts.has(key)) starts.set(key, now);
      return [{ statuses: [toTransferStatus(event, step, { startedAt: starts.get(key)!, now })] }];
    }
    case 'warning':
      return [{ warnings: [toWarning(event, digestOf(step.id))] }];
    case 'step-missed':
      return [{ logs: [toLog(step, { stream: 2, data: Buffer.from(`not cached: ${cutText(event.reason)}\n`), now })] }];
    case 'note':
      return [];
  }
}

function toOtherStatuses(event: ProgressEvent): readonly object[] {
  return event.type === 'warning' ? [{ warnings: [toWarning(event, undefined)] }] : [];
}

function toVertex(step: StepView): object {
  return {
    digest: digestOf(step.id),
    name: cutText(step.name),
    started: time(step.startedAt),
    ...(step.finishedAt === undefined ? {} : { completed: time(step.finishedAt) }),
  };
}

function toLog(
  step: StepView,
  { stream, data, now }: { readonly stream: 1 | 2; readonly data: Buffer; readonly now: number },
): object {
  return { vertex: digestOf(step.id), stream, data: data.toString('base64'), timestamp: time(now) };
}

function toTransferStatus(
  event: Extract<ProgressEvent, { type: 'step-progress' }>,
  step: StepView,
  { startedAt, now }: { readonly startedAt: number; readonly now: number },
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

function toWarning(event: Extract<ProgressEvent, { type: 'warning' }>, vertex: string | undefined): object {
  return {
    ...(vertex === undefined ? {} : { vertex }),
    level: 1,
    short: encodeBase64(event.message),
    ...(event.hint === undefined ? {} : { detail: [encodeBase64(event.hint)] }),
  };
}

/** Go's JSON encodes byte slices as base64. */
function encodeBase64(text: string): string {
  return Buffer.from(cutText(text)).toString('base64');
}

/** Maximum step output in one line (bytes). base64 adds a third. */
const MAX_BYTES = 32_768;

function splitPieces(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / MAX_BYTES);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * MAX_BYTES, (index + 1) * MAX_BYTES));
}

/** Maximum length of a name or message (UTF-16 units). JSON needs up to six bytes for one unit. */
const MAX_TEXT = 4096;

function cutText(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
