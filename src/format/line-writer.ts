import type { LinePart } from '#grammar';
import type { Break } from './breaks.ts';
import type { Gap } from './gaps.ts';
import { columnsOf, STEP } from './indentation.ts';
import { commentText, type Style } from './style.ts';

/** Writes the text of one logical line: what lies in a gap anew, everything else as it stands. Breaks stay where they are. */
export class LineWriter {
  readonly #text: string;
  readonly #gaps: readonly Gap[];
  readonly #breaks: readonly Break[];
  /** How many breaks are written already. */
  #taken = 0;
  readonly #style: Style;
  /** Columns of the leftmost line of a command: the others keep their distance to it. */
  readonly #leftmost: number;
  #written = '';

  constructor(text: string, gaps: readonly Gap[], breaks: readonly Break[], style: Style) {
    this.#text = text;
    this.#gaps = gaps;
    this.#breaks = breaks;
    this.#style = style;
    this.#leftmost = gaps.reduce(
      (least, gap) => Math.min(least, this.#columns(gap) ?? least),
      Number.POSITIVE_INFINITY,
    );
  }

  write(from: number, to: number): string {
    let at = from;
    for (const gap of this.#gaps) {
      this.#copy(at, gap.from);
      this.#fill(gap);
      at = gap.to;
    }
    this.#copy(at, to);
    return this.#written;
  }

  /** Text that says something, with the breaks in it: not even the blanks after them may change. */
  #copy(from: number, to: number): void {
    let at = from;
    for (const { at: place, between } of this.#takeBreaks(to - 1)) {
      this.#written += this.#text.slice(at, place) + this.#style.escape;
      this.#newLine(between, STEP);
      at = place;
    }
    this.#written += this.#text.slice(at, to);
  }

  /** Between two breaks lies a line with nothing but the escape character. */
  #fill(gap: Gap): void {
    const indent = this.#indent(gap);
    const breaks = this.#takeBreaks(gap.to);
    this.#written += breaks.length === 0 ? gap.text : ' ';
    for (const [index, { between }] of breaks.entries()) {
      const isLast = index === breaks.length - 1;
      this.#written += this.#style.escape;
      this.#newLine(between, isLast && indent > 0 ? indent : STEP);
      this.#written += ' '.repeat(isLast ? indent : STEP);
    }
  }

  /** Ends a line, and puts comments before the next, indented as that will be. */
  #newLine(between: readonly LinePart[], indent: number): void {
    const { lineEnd } = this.#style;
    let wasEmpty = false;
    this.#written += lineEnd;
    for (const part of between) {
      const isEmpty = part.kind === 'empty';
      if (!isEmpty) this.#written += ' '.repeat(indent) + commentText(part, this.#style) + lineEnd;
      else if (!wasEmpty) this.#written += lineEnd;
      wasEmpty = isEmpty;
    }
  }

  /** The breaks not behind `last` that nobody has taken yet. */
  #takeBreaks(last: number): readonly Break[] {
    const first = this.#taken;
    while (this.#taken < this.#breaks.length && this.#breaks[this.#taken]!.at <= last) this.#taken += 1;
    return this.#breaks.slice(first, this.#taken);
  }

  #indent(gap: Gap): number {
    if (gap.indent === 'none') return 0;
    return STEP + (gap.indent === 'shape' ? (this.#columns(gap) ?? this.#leftmost) - this.#leftmost : 0);
  }

  /** How far a line that begins in the gap is indented now; undefined if none does, or if its shape does not matter. */
  #columns(gap: Gap): number | undefined {
    if (gap.indent !== 'shape') return undefined;
    const last = this.#lastBreak(gap.to);
    return last === undefined || last.at < gap.from ? undefined : columnsOf(this.#text.slice(last.at, gap.to));
  }

  /** The last break that is not behind `to`; they are in order. */
  #lastBreak(to: number): Break | undefined {
    let low = 0;
    let high = this.#breaks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#breaks[middle]!.at <= to) low = middle + 1;
      else high = middle;
    }
    return this.#breaks[low - 1];
  }
}
