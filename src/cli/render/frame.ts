import type { Paint, Style } from '../text/paint.ts';
import { toPrintable } from '../text/printable.ts';
import measureWidth, { cutToWidth, padToWidth } from '../text/text-width.ts';
import { formatSeconds } from '../text/units.ts';
import { measureElapsed, type StepView, type Transfer } from './step-table.ts';
import { formatAmount, formatItem } from './transfer-text.ts';

/** Size and style of the live view. No line may reach the last column, because terminals wrap there differently. */
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
 * Formats the running steps: one line per step, then its transfers and last output lines if there is space. Returns at most
 * `rows - 3` lines, because a frame that is higher than the window cannot be erased.
 */
export function formatLiveLines(live: readonly LiveStep[], canvas: Canvas): readonly string[] {
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
      formatStep('', step, canvas),
      ...transfers.map((transfer) => formatTransfer(transfer, canvas)),
      ...lines.map((line) => canvas.paint('dim', cutToWidth(`     ${line}`, canvas.columns - 1))),
    ];
  });
}

/** Formats the lines for a step that has ended. They stay above the live view. */
export function formatEndedStep(step: StepView, error: string | undefined, canvas: Canvas): readonly string[] {
  const mark = step.state === 'failed' ? 'ERROR ' : step.state === 'cached' ? 'CACHED ' : '';
  const lines = [formatStep(mark, step, canvas)];
  if (step.missed !== undefined) {
    lines.push(canvas.paint('dim', cutToWidth(`     not cached: ${toPrintable(step.missed)}`, canvas.columns - 1)));
  }
  if (error !== undefined)
    lines.push(canvas.paint('red', cutToWidth(`     ${toPrintable(error)}`, canvas.columns - 1)));
  return lines;
}

const STYLES: Readonly<Record<StepView['state'], Style>> = {
  waiting: 'dim',
  running: 'bold',
  done: 'blue',
  cached: 'blue',
  failed: 'red',
};

/** Formats ` => [build 2/5] RUN make                3.4s`. The time is at the right edge, if the line is wide enough. */
function formatStep(mark: string, step: StepView, canvas: Canvas): string {
  const time = formatSeconds(measureElapsed(step, canvas.now));
  const width = Math.min(canvas.columns - 1, 120);
  const room = width - time.length - 1;
  const title = cutToWidth(` => ${mark}${toPrintable(step.name)}`, Math.max(room, 1));
  const line = room < 12 ? cutToWidth(title, width) : `${padToWidth(title, room)} ${time}`;
  return canvas.paint(STYLES[step.state], line);
}

const BAR = 20;

function formatTransfer(transfer: Transfer, canvas: Canvas): string {
  const width = canvas.columns - 1;
  const amount = formatAmount(transfer);
  const share = transfer.total ? Math.min(1, transfer.current / transfer.total) : undefined;
  const filled = Math.round((share ?? 0) * BAR);
  const bar = share === undefined || width < 60 ? '' : `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] `;
  const room = width - measureWidth(bar) - amount.length - 6;
  const line =
    room < 4
      ? `     ${amount}`
      : `     ${padToWidth(cutToWidth(formatItem(transfer), room), Math.min(room, 30))} ${bar}${amount}`;
  return canvas.paint('dim', cutToWidth(line, width));
}

/** Formats the line next to the spinner: elapsed time and numbers of steps. */
export function formatSummary(steps: readonly StepView[], startedAt: number, canvas: Canvas): string {
  const count = (state: StepView['state']) => steps.filter((step) => step.state === state).length;
  const ended = count('done') + count('cached') + count('failed');
  const text = `building ${formatSeconds(canvas.now - startedAt)}, ${ended} done, ${count('running')} running`;
  return cutToWidth(text, canvas.columns - 3);
}
