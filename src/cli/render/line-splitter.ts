import { cutLine, endOfText, LONGEST_LINE, printableLines, shownLine } from '../text/printable.ts';

/**
 * Cuts pieces of output into whole printable lines; one for each step and stream. Takes in any amount of text in one line, and
 * looks at every character once.
 */
export class LineSplitter {
  #rest = '';
  /** How much of the unfinished line is not kept. */
  #dropped = 0;
  /** The unfinished line ends with a carriage return: what comes next overwrites it. */
  #isReturned = false;

  /** The lines that the piece completes, as text: each after the prefix and with its line feed. */
  push(text: string, prefix = ''): string {
    const first = text.indexOf('\n');
    if (first < 0) {
      this.#hold(text);
      return '';
    }
    const last = text.lastIndexOf('\n');
    this.#hold(text.slice(0, first));
    const lines = prefix + this.#takeRest() + prefixed(text.slice(first, last), prefix);
    this.#hold(text.slice(last + 1));
    return `${lines}\n`;
  }

  /** As `push`, of a piece that has many lines the last ones only. */
  pushLast(text: string, most: number): string {
    let start = text.length;
    for (let lines = 0; lines <= most && start > 0; lines += 1) start = text.lastIndexOf('\n', start - 1);
    if (start <= 0) return this.push(text);
    this.#forget();
    return this.push(text.slice(start + 1));
  }

  /** The last line, if it had no line feed. */
  end(prefix = ''): string {
    return this.#rest === '' ? '' : `${prefix}${this.#takeRest()}\n`;
  }

  #hold(text: string): void {
    if (text === '') return;
    const end = endOfText(text);
    const start = end === 0 ? 0 : text.lastIndexOf('\r', end - 1) + 1;
    if (end > 0 && (start > 0 || this.#isReturned)) this.#forget();
    this.#append(text.slice(start, end));
    this.#isReturned = end < text.length;
  }

  #append(text: string): void {
    const room = LONGEST_LINE - this.#rest.length;
    this.#rest += text.length > room ? text.slice(0, room) : text;
    this.#dropped += Math.max(0, text.length - room);
  }

  #takeRest(): string {
    const line = shownLine(this.#rest, this.#dropped);
    this.#forget();
    return line;
  }

  #forget(): void {
    this.#rest = '';
    this.#dropped = 0;
    this.#isReturned = false;
  }
}

/** `lines` is empty, or begins each line with a line feed. */
function prefixed(lines: string, prefix: string): string {
  if (lines === '') return '';
  const shown = lines.length > LONGEST_LINE ? eachCut(lines) : printableLines(lines);
  return prefix === '' ? shown : shown.split('\n').join(`\n${prefix}`);
}

function eachCut(lines: string): string {
  return lines.split('\n').map(cutLine).join('\n');
}
