/**
 * Finds blanks of a shell command that only separate words, so that their number can change. Stops at any ambiguous text: a missed
 * blank leaves a line unchanged, but a wrong blank would change a command.
 */

/** The context of the scanner: a group of commands, a substitution, `${…}`, or double quotes. */
type Frame = 'group' | 'substitution' | 'braces' | 'quotes';

export interface ShellBlanks {
  /** For each character, true if it is a separating blank. */
  readonly blanks: readonly boolean[];
  /** Offsets where a blank could be inserted: behind `&&`, `||` and `;`. */
  readonly operatorEnds: ReadonlySet<number>;
}

export function findShellBlanks(command: string): ShellBlanks {
  const scan = new ShellScan(command);
  while (scan.at < command.length && scan.step());
  return scan;
}

/** Operators between commands. */
const OPERATOR = /^(&&|\|\||;(?![;&|]))/;

/** Characters before a word. */
const BEFORE_WORD = /[\s;&|()]/;

class ShellScan implements ShellBlanks {
  readonly text: string;
  readonly blanks: boolean[];
  readonly operatorEnds = new Set<number>();
  readonly frames: Frame[] = [];
  at = 0;
  /** Offset behind the last blank in the mark of a heredoc. */
  #markEnd = -1;

  constructor(text: string) {
    this.text = text;
    this.blanks = Array.from({ length: text.length }, () => false);
  }

  /** Reads one piece. Returns false if the rest is ambiguous. */
  step(): boolean {
    const frame = this.frames.at(-1);
    const character = this.text.charAt(this.at);
    if (character === '\\') return this.#take(2);
    if (character === '`') return this.#skipTo('`');
    if (character === '$') return this.#dollar();
    if (character === '"') return frame === 'quotes' ? this.#leave() : this.#enter('quotes', 1);
    if (frame === 'quotes') return this.#take(1);
    if (character === "'") return !this.#isQuotedBraces() && this.#skipTo("'");
    if (frame === 'braces') return character === '}' ? this.#leave() : this.#take(1);
    return this.#command(character);
  }

  /** Reads a piece outside of quotes, where blanks separate words. */
  #command(character: string): boolean {
    const isWordStart = this.at === 0 || BEFORE_WORD.test(this.text.charAt(this.at - 1));
    if (character === '#' && isWordStart) return false;
    if (isWordStart && this.frames.includes('substitution') && /^case\b/.test(this.text.slice(this.at))) return false;
    if (character === '(') return this.#enter('group', 1);
    if (character === ')') return this.frames.length > 0 ? this.#leave() : this.#take(1);
    if (character === ' ' || character === '\t') this.blanks[this.at] = this.#separates();
    const operator = OPERATOR.exec(this.text.slice(this.at, this.at + 3))?.[0].length ?? 0;
    if (operator > 0) this.operatorEnds.add(this.at + operator);
    return this.#take(Math.max(1, operator));
  }

  /** False for blanks between `<<` and the name of a heredoc, which are part of the mark. */
  #separates(): boolean {
    const isInMark = this.#markEnd === this.at || /<<-?$/.test(this.text.slice(Math.max(0, this.at - 3), this.at));
    if (isInMark) this.#markEnd = this.at + 1;
    return !isInMark;
  }

  #dollar(): boolean {
    const next = this.text.charAt(this.at + 1);
    if (next === '(') return this.#enter('substitution', 2);
    if (next === '{') return this.#enter('braces', 2);
    const isInQuotes = this.frames.at(-1) === 'quotes';
    return !(next === "'" && !isInQuotes) && this.#take(next === '$' || next === '#' ? 2 : 1);
  }

  /** True in `"${x:-'a'}"`, where single quotes are text or quotes, depending on the operator. */
  #isQuotedBraces(): boolean {
    return this.frames.at(-1) === 'braces' && this.frames.includes('quotes');
  }

  #enter(frame: Frame, length: number): boolean {
    this.frames.push(frame);
    return this.#take(length);
  }

  #leave(): boolean {
    this.frames.pop();
    return this.#take(1);
  }

  /** Continues behind the closing quote. A backquote can be escaped. */
  #skipTo(quote: "'" | '`'): boolean {
    let end = this.at + 1;
    while (end < this.text.length && this.text[end] !== quote) {
      end += quote === '`' && this.text[end] === '\\' ? 2 : 1;
    }
    return this.#take(end + 1 - this.at);
  }

  #take(length: number): boolean {
    this.at += length;
    return true;
  }
}
