import type { Ora } from 'ora';
import type { ProgressEvent } from '../../progress.ts';
import { hasColour, type Terminal } from '../terminal.ts';
import { createPaint } from '../text/paint.ts';
import { toPrintable } from '../text/printable.ts';
import measureWidth from '../text/text-width.ts';
import { type Canvas, formatEndedStep, formatLiveLines, formatSummary, type LiveStep } from './frame.ts';
import { hasRoomForFrame } from './frame-room.ts';
import { LineSplitter } from './line-splitter.ts';
import type { Renderer } from './renderer.ts';
import { StepTable, type StepView } from './step-table.ts';

const FRAME_INTERVAL = 100;
const TAIL_LINES = 6;
/** Number of lines at the end of a piece of output that are searched for non-blank lines. */
const SEARCHED_LINES = 64;
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

/**
 * Creates the live view. Running steps are shown in a frame that is redrawn ten times a second. Ended steps are lines above it.
 * If the window is too small for a frame, only these lines are shown.
 */
export function createTtyRenderer(terminal: Terminal): Renderer {
  const view = new LiveView(terminal);
  return {
    report: (event) => view.take(event),
    showLine: (line) => view.showLine(line),
    finish: () => view.finish(),
  };
}

interface StepOutput {
  /** The last complete lines of both streams. */
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
  /** Lines to write above the frame. */
  #above: string[] = [];
  /** Loaded for the first frame. A build that ends earlier does not need it. */
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
      this.#above.push(this.#canvas().paint('yellow', `warning: ${toPrintable(event.message)}`));
    if (event.type === 'note') this.#above.push(toPrintable(event.message));
    if (step === undefined) return;
    if (event.type === 'step-output') this.#collect(step, event);
    if (event.type === 'step-cached' || event.type === 'step-finished' || event.type === 'step-failed') {
      const error = event.type === 'step-failed' ? event.error : undefined;
      this.#above.push(...formatEndedStep(step, error, this.#canvas()));
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
    const lines = output[event.stream].pushLast(event.text, SEARCHED_LINES).split('\n');
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
    const isRoom = hasRoomForFrame(this.#stream);
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
    return [formatSummary(steps, this.#startedAt, canvas), ...formatLiveLines(live, canvas)].join('\n');
  }

  #canvas(): Canvas {
    return {
      columns: this.#stream.columns || 80,
      rows: this.#stream.rows || 24,
      paint: createPaint(hasColour(this.#stream, this.#terminal.env)),
      now: this.#terminal.now(),
    };
  }

  #flushAbove(): void {
    for (const line of this.#above.splice(0)) this.#stream.write(`${line}\n`);
  }

  /** Loads ora for the first frame. ora draws and erases the frame and the spinner; timer and text are our own. */
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
   * A narrower terminal wraps the lines of the frame, but ora only erases as many rows as it has written. This erases the
   * additional rows and redraws the frame for the new size.
   */
  readonly #onResize = (): void => {
    if (this.#ora !== undefined && this.#isPainted) this.#eraseWrapped(this.#ora);
    this.#paint();
  };

  #eraseWrapped(ora: Ora): void {
    const { columns, rows } = this.#canvas();
    const lines = `- ${ora.text}`.split('\n');
    const wrapped = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(measureWidth(line) / columns)), 0);
    this.#stream.cursorTo(0);
    for (let extra = Math.min(wrapped - lines.length, rows); extra > 0; extra -= 1) {
      this.#stream.clearLine(1);
      this.#stream.moveCursor(0, -1);
    }
  }
}
