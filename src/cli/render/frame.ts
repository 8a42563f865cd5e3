import type { Paint, Style } from '../text/paint.ts';
import { printable } from '../text/printable.ts';
import textWidth, { cutToWidth, padToWidth } from '../text/text-width.ts';
import { formatSeconds } from '../text/units.ts';
import { elapsed, type StepView, type Transfer } from './step-table.ts';
import { amountOf, itemOf } from './transfer-text.ts';

/** What the live view is drawn for. No line may reach the last column: terminals differ in when they wrap then. */
export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
  readonly now: number;
}

/** A running step with the last lines of its output. */
export interface LiveStep {
  readonly step: StepView;
  readonly tail: readonly string[];
}

/**
 * The live part of the view: one line for each running step, below it transfers and last lines of output as far as the
 * height allows. At most `rows - 3` lines: a frame higher than the window could not be erased again.
 */
export function liveLines(live: readonly LiveStep[], canvas: Canvas): readonly string[] {
  const budget = Math.max(1, canvas.rows - 3);
  if (live.length <= budget) return withDetails(live, budget - live.length, canvas);
  const shown = withDetails(live.slice(0, budget - 1), 0, canvas);
  const more = `   and ${live.length - budget + 1} more`;
  return [...shown, canvas.paint('dim', cutToWidth(more, canvas.columns - 1))];
}

function withDetails(live: readonly LiveStep[], spare: number, canvas: Canvas): string[] {
  let left = spare;
  return live.flatMap(({ step, tail }, index) => {
    const share = Math.ceil(left / (live.length - index));
    const transfers = [...step.transfers.values()].filter((transfer) => !transfer.done).slice(0, share);
    const lines = share > transfers.length ? tail.slice(transfers.length - share) : [];
    left -= transfers.length + lines.length;
    return [
      stepLine('', step, canvas),
      ...transfers.map((transfer) => transferLine(transfer, canvas)),
      ...lines.map((line) => canvas.paint('dim', cutToWidth(`     ${line}`, canvas.columns - 1))),
    ];
  });
}

/** The lines that stay above the live part when a step has ended. */
export function endedLines(step: StepView, error: string | undefined, canvas: Canvas): readonly string[] {
  const mark = step.state === 'failed' ? 'ERROR ' : step.state === 'cached' ? 'CACHED ' : '';
  const lines = [stepLine(mark, step, canvas)];
  if (step.missed !== undefined) {
    lines.push(canvas.paint('dim', cutToWidth(`     not cached: ${printable(step.missed)}`, canvas.columns - 1)));
  }
  if (error !== undefined) lines.push(canvas.paint('red', cutToWidth(`     ${printable(error)}`, canvas.columns - 1)));
  return lines;
}

const STYLES: Readonly<Record<StepView['state'], Style>> = {
  waiting: 'dim',
  running: 'bold',
  done: 'blue',
  cached: 'blue',
  failed: 'red',
};

/** ` => [build 2/5] RUN make                3.4s`, the time at the right edge where there is room for it. */
function stepLine(mark: string, step: StepView, canvas: Canvas): string {
  const time = formatSeconds(elapsed(step, canvas.now));
  const width = Math.min(canvas.columns - 1, 120);
  const room = width - time.length - 1;
  const title = cutToWidth(` => ${mark}${printable(step.name)}`, Math.max(room, 1));
  const line = room < 12 ? cutToWidth(title, width) : `${padToWidth(title, room)} ${time}`;
  return canvas.paint(STYLES[step.state], line);
}

const BAR = 20;

function transferLine(transfer: Transfer, canvas: Canvas): string {
  const width = canvas.columns - 1;
  const amount = amountOf(transfer);
  const share = transfer.total ? Math.min(1, transfer.current / transfer.total) : undefined;
  const filled = Math.round((share ?? 0) * BAR);
  const bar = share === undefined || width < 60 ? '' : `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] `;
  const room = width - textWidth(bar) - amount.length - 6;
  const line =
    room < 4
      ? `     ${amount}`
      : `     ${padToWidth(cutToWidth(itemOf(transfer), room), Math.min(room, 30))} ${bar}${amount}`;
  return canvas.paint('dim', cutToWidth(line, width));
}

/** The line beside the spinner: what has been done and what is going on. */
export function summaryLine(steps: readonly StepView[], startedAt: number, canvas: Canvas): string {
  const count = (state: StepView['state']) => steps.filter((step) => step.state === state).length;
  const ended = count('done') + count('cached') + count('failed');
  const text = `building ${formatSeconds(canvas.now - startedAt)}, ${ended} done, ${count('running')} running`;
  return cutToWidth(text, canvas.columns - 3);
}
