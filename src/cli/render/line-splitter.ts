import { cutLine, findEndOfText, formatLongLine, LONGEST_LINE, toPrintableLines } from '../text/printable.ts';

/**
 * Splits pieces of output into complete, printable lines. Every step and stream has its own splitter. Memory is bounded even
 * for endless lines, and every character is read once.
 */
export class LineSplitter {
  #rest = '';
  /** Number of characters of the unfinished line that are not kept. */
  #dropped = 0;
  /** The unfinished line ends with a carriage return, so the next text overwrites it. */
  #isReturned = false;

  /** Returns the lines that the piece completes, each with the prefix and a line feed. */
  push(text: string, prefix = ''): string {
    const first = text.indexOf('\n');
    if (first < 0) {
      this.#hold(text);
      return '';
    }
    const last = text.lastIndexOf('\n');
    this.#hold(text.slice(0, first));
    const lines = prefix + this.#takeRest() + addPrefix(text.slice(first, last), prefix);
    this.#hold(text.slice(last + 1));
    return `${lines}\n`;
  }

  /** Same as `push`, but returns only the last `most` lines of a piece with many lines. */
  pushLast(text: string, most: number): string {
    let start = text.length;
    for (let lines = 0; lines <= most && start > 0; lines += 1) start = text.lastIndexOf('\n', start - 1);
    if (start <= 0) return this.push(text);
    this.#forget();
    return this.push(text.slice(start + 1));
  }

  /** Returns the last line, if it has no line feed. */
  end(prefix = ''): string {
    return this.#rest === '' ? '' : `${prefix}${this.#takeRest()}\n`;
  }

  #hold(text: string): void {
    if (text === '') return;
    const end = findEndOfText(text);
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
    const line = formatLongLine(this.#rest, this.#dropped);
    this.#forget();
    return line;
  }

  #forget(): void {
    this.#rest = '';
    this.#dropped = 0;
    this.#isReturned = false;
  }
}

/** Adds the prefix to each line. `lines` is empty, or each line begins with a line feed. */
function addPrefix(lines: string, prefix: string): string {
  if (lines === '') return '';
  const shown = lines.length > LONGEST_LINE ? cutLines(lines) : toPrintableLines(lines);
  return prefix === '' ? shown : shown.split('\n').join(`\n${prefix}`);
}

function cutLines(lines: string): string {
  return lines.split('\n').map(cutLine).join('\n');
}
