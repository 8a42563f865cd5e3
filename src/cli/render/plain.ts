import type { ProgressEvent } from '../../progress.ts';
import type { Terminal } from '../terminal.ts';
import { cutLine } from '../text/printable.ts';
import { formatSeconds, formatSize } from '../text/units.ts';
import { LineSplitter } from './line-splitter.ts';
import { PacedOutput } from './paced-output.ts';
import type { Renderer } from './renderer.ts';
import { measureElapsed, StepTable, type StepView } from './step-table.ts';
import { formatAmount, formatItem } from './transfer-text.ts';

/** Minimum time between two lines for the same transfer (milliseconds). */
const TRANSFER_INTERVAL = 2000;

/**
 * Creates the renderer for `--progress=plain`. As in BuildKit, every line starts with the number of its step:
 * `#7 [build 2/5] RUN make`, `#7 0.123 output`, `#7 DONE 0.4s`.
 */
export function createPlainRenderer(
  terminal: Pick<Terminal, 'stderr' | 'now'> & Partial<Pick<Terminal, 'env'>>,
): Renderer {
  const table = new StepTable();
  const printers = new Map<number, StepPrinter>();
  let first = true;
  const output = new PacedOutput(terminal.stderr);
  const write = (line: string): void => output.write(`${line}\n`);

  function printerOf(step: StepView): StepPrinter {
    const known = printers.get(step.number);
    if (known !== undefined) return known;
    const printer = new StepPrinter(step, output, readOutputLimit(terminal.env?.BUILDKIT_STEP_LOG_MAX_SIZE));
    printers.set(step.number, printer);
    return printer;
  }

  function report(event: ProgressEvent): void {
    const now = terminal.now();
    const step = table.apply(event, now);
    if (step === undefined) {
      write(formatEventWithoutStep(event));
      return;
    }
    const printer = printerOf(step);
    if (!printer.titled && step.state !== 'waiting') {
      if (!first) write('');
      first = false;
      printer.writeTitle();
    }
    printer.print(event, now);
  }

  return { report, drain: () => output.drain(), finish: () => {} };
}

function formatEventWithoutStep(event: ProgressEvent): string {
  if (event.type === 'warning') return `WARNING: ${cutLine(event.message)}${event.hint ? ` (${event.hint})` : ''}`;
  return event.type === 'note' ? cutLine(event.message) : '';
}

/** Writes the lines of one step. */
class StepPrinter {
  titled = false;
  readonly #step: StepView;
  readonly #output: PacedOutput;
  readonly #mostOutput: number;
  #outputLength = 0;
  readonly #splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };
  readonly #mentionedAt = new Map<string, number>();

  constructor(step: StepView, output: PacedOutput, mostOutput: number) {
    this.#step = step;
    this.#output = output;
    this.#mostOutput = mostOutput;
  }

  writeTitle(): void {
    this.titled = true;
    this.#write(cutLine(this.#step.name));
    if (this.#step.missed !== undefined) this.#write(formatMissed(this.#step.missed));
  }

  print(event: ProgressEvent, now: number): void {
    const took = measureElapsed(this.#step, now);
    switch (event.type) {
      case 'step-missed':
        if (this.#step.state !== 'waiting') this.#write(formatMissed(event.reason));
        break;
      case 'step-output':
        if (!this.#isClipped) this.#show(this.#splitters[event.stream].push(event.text, this.#outputPrefix(took)));
        break;
      case 'step-progress':
        this.#transfer(event, now);
        break;
      case 'warning':
        this.#write(formatEventWithoutStep(event));
        break;
      case 'step-cached':
      case 'step-finished':
      case 'step-failed':
        if (!this.#isClipped) {
          for (const splitter of Object.values(this.#splitters)) this.#show(splitter.end(this.#outputPrefix(took)));
        }
        this.#write(formatEnd(event, took));
    }
  }

  get #isClipped(): boolean {
    return this.#outputLength >= this.#mostOutput;
  }

  /** Prints output up to the limit. The log of the step has the complete output. */
  #show(lines: string): void {
    this.#output.write(lines);
    this.#outputLength += lines.length;
    if (this.#isClipped) this.#write(`[output clipped, log limit ${formatSize(this.#mostOutput)} reached]`);
  }

  #outputPrefix(took: number): string {
    return `#${this.#step.number} ${(took / 1000).toFixed(3)} `;
  }

  #write(line: string): void {
    this.#output.write(`#${this.#step.number} ${line}\n`);
  }

  #transfer(event: Extract<ProgressEvent, { type: 'step-progress' }>, now: number): void {
    const mentionedAt = this.#mentionedAt.get(event.item);
    if (!event.done && mentionedAt !== undefined && now - mentionedAt < TRANSFER_INTERVAL) return;
    this.#mentionedAt.set(event.item, now);
    const transfer = this.#step.transfers.get(event.item)!;
    this.#write(`${formatItem(transfer)} ${formatAmount(transfer)}${event.done ? ' done' : ''}`);
  }
}

/** Maximum output of one step (characters). */
const MAX_OUTPUT = 96e6;

/** Reads BUILDKIT_STEP_LOG_MAX_SIZE of BuildKit: bytes, -1 for no limit. */
function readOutputLimit(setting: string | undefined): number {
  const given = setting === undefined || setting === '' ? Number.NaN : Number(setting);
  if (Number.isNaN(given)) return MAX_OUTPUT;
  return given < 0 ? Number.POSITIVE_INFINITY : given;
}

function formatMissed(reason: string): string {
  return `not cached: ${cutLine(reason)}`;
}

function formatEnd(event: ProgressEvent, took: number): string {
  if (event.type === 'step-cached') return 'CACHED';
  return event.type === 'step-failed' ? `ERROR: ${cutLine(event.error)}` : `DONE ${formatSeconds(took)}`;
}
