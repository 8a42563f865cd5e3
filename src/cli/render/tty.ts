import type { Ora } from 'ora';
import type { ProgressEvent } from '../../progress.ts';
import { hasColour, type Terminal } from '../terminal.ts';
import { painter } from '../text/paint.ts';
import { printable } from '../text/printable.ts';
import textWidth from '../text/text-width.ts';
import { type Canvas, endedLines, type LiveStep, liveLines, summaryLine } from './frame.ts';
import { LineSplitter } from './line-splitter.ts';
import type { Renderer } from './renderer.ts';
import { hasRoom } from './room.ts';
import { StepTable, type StepView } from './step-table.ts';

const FRAME_INTERVAL = 100;
const TAIL_LINES = 6;
/** Of one piece of output; those that are not blank are looked for among these. */
const LAST_LINES = 64;
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

/**
 * The live view: running steps in a frame that is painted anew ten times a second, ended ones as lines above it. While the window
 * is too small for a frame there are only the lines.
 */
export function ttyRenderer(terminal: Terminal): Renderer {
  const view = new LiveView(terminal);
  return {
    report: (event) => view.take(event),
    showLine: (line) => view.showLine(line),
    finish: () => view.finish(),
  };
}

interface StepOutput {
  /** The last whole lines of both streams. */
  readonly tail: string[];
  readonly stdout: LineSplitter;
  readonly stderr: LineSplitter;
}

class LiveView {
  readonly #stream: NodeJS.WriteStream;
  readonly #terminal: Terminal;
  readonly #table = new StepTable();
  readonly #outputs = new Map<StepView, StepOutput>();
  readonly #startedAt: number;
  readonly #timer: NodeJS.Timeout;
  /** Lines that wait to be written above the frame. */
  #above: string[] = [];
  /** A build that ends before the first frame is due neither loads nor needs it. */
  #ora: Ora | undefined;
  #loading = false;
  #isPainted = false;
  #finished = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#stream = terminal.stderr as NodeJS.WriteStream;
    this.#startedAt = terminal.now();
    this.#timer = setInterval(() => this.#paint(), FRAME_INTERVAL);
    this.#timer.unref();
    this.#stream.on('resize', this.#onResize);
  }

  take(event: ProgressEvent): void {
    const step = this.#table.apply(event, this.#terminal.now());
    if (event.type === 'warning')
      this.#above.push(this.#canvas().paint('yellow', `warning: ${printable(event.message)}`));
    if (event.type === 'note') this.#above.push(printable(event.message));
    if (step === undefined) return;
    if (event.type === 'step-output') this.#collect(step, event);
    if (event.type === 'step-cached' || event.type === 'step-finished' || event.type === 'step-failed') {
      const error = event.type === 'step-failed' ? event.error : undefined;
      this.#above.push(...endedLines(step, error, this.#canvas()));
      this.#outputs.delete(step);
    }
  }

  showLine(line: string): void {
    this.#above.push(line);
  }

  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    clearInterval(this.#timer);
    this.#stream.off('resize', this.#onResize);
    process.off('exit', this.#showCursor);
    if (this.#isPainted) this.#ora?.clear();
    this.#flushAbove();
    if (this.#ora !== undefined) this.#showCursor();
  }

  #collect(step: StepView, event: Extract<ProgressEvent, { type: 'step-output' }>): void {
    const output = this.#outputs.get(step) ?? { tail: [], stdout: new LineSplitter(), stderr: new LineSplitter() };
    this.#outputs.set(step, output);
    const lines = output[event.stream].pushLast(event.text, LAST_LINES).split('\n');
    output.tail.push(...lines.filter((line) => line.trim() !== ''));
    output.tail.splice(0, output.tail.length - TAIL_LINES);
  }

  #paint(): void {
    if (this.#finished) return;
    const ora = this.#ora;
    if (ora === undefined) {
      this.#load();
      return;
    }
    const isRoom = hasRoom(this.#stream);
    if (this.#above.length > 0 || !isRoom) {
      if (this.#isPainted) ora.clear();
      this.#isPainted = false;
      this.#flushAbove();
    }
    if (!isRoom) return;
    ora.text = this.#frame();
    ora.render();
    this.#isPainted = true;
  }

  #frame(): string {
    const canvas = this.#canvas();
    const steps = [...this.#table.steps];
    const live = steps
      .filter((step) => step.state === 'running')
      .map((step): LiveStep => {
        return { step, tail: this.#outputs.get(step)?.tail ?? [] };
      });
    return [summaryLine(steps, this.#startedAt, canvas), ...liveLines(live, canvas)].join('\n');
  }

  #canvas(): Canvas {
    return {
      columns: this.#stream.columns || 80,
      rows: this.#stream.rows || 24,
      paint: painter(hasColour(this.#stream, this.#terminal.env)),
      now: this.#terminal.now(),
    };
  }

  #flushAbove(): void {
    for (const line of this.#above.splice(0)) this.#stream.write(`${line}\n`);
  }

  /** ora is loaded when there is something to paint; it draws, erases and spins, the clock and the text are ours. */
  #load(): void {
    if (this.#loading) return;
    this.#loading = true;
    void import('ora').then(({ default: ora }) => {
      if (this.#finished) return;
      const colour = hasColour(this.#stream, this.#terminal.env);
      this.#ora = ora({ stream: this.#stream, isEnabled: true, discardStdin: false, color: colour ? 'cyan' : false });
      this.#stream.write(HIDE_CURSOR);
      process.on('exit', this.#showCursor);
      this.#paint();
    });
  }

  readonly #showCursor = (): void => void this.#stream.write(SHOW_CURSOR);

  /**
   * A terminal that was made narrower has wrapped the lines of the frame, and ora erases as many rows as it wrote. The rows
   * that came on top are erased here; then the frame is painted for the new size.
   */
  readonly #onResize = (): void => {
    if (this.#ora !== undefined && this.#isPainted) this.#eraseWrapped(this.#ora);
    this.#paint();
  };

  #eraseWrapped(ora: Ora): void {
    const { columns, rows } = this.#canvas();
    const lines = `- ${ora.text}`.split('\n');
    const wrapped = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
    this.#stream.cursorTo(0);
    for (let extra = Math.min(wrapped - lines.length, rows); extra > 0; extra -= 1) {
      this.#stream.clearLine(1);
      this.#stream.moveCursor(0, -1);
    }
  }
}
