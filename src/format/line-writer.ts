import type { LinePart } from '#grammar';
import type { Break } from './breaks.ts';
import type { Gap } from './gaps.ts';
import { countColumns, STEP } from './indentation.ts';
import { readCommentText, type Style } from './style.ts';

/** Writes the text of one logical line. Gaps are formatted, all other text is unchanged. Breaks keep their positions. */
export class LineWriter {
  readonly #text: string;
  readonly #gaps: readonly Gap[];
  readonly #breaks: readonly Break[];
  /** Number of breaks that are already written. */
  #taken = 0;
  readonly #style: Style;
  /** Indentation of the leftmost line of a command. Other lines keep their distance to it. */
  readonly #leftmost: number;
  #written = '';

  constructor(
    text: string,
    style: Style,
    { gaps, breaks }: { readonly gaps: readonly Gap[]; readonly breaks: readonly Break[] },
  ) {
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

  /** Copies text that must not change, with its breaks and the blanks after them. */
  #copy(from: number, to: number): void {
    let at = from;
    for (const { at: place, between } of this.#takeBreaks(to - 1)) {
      this.#written += this.#text.slice(at, place) + this.#style.escape;
      this.#newLine(between, STEP);
      at = place;
    }
    this.#written += this.#text.slice(at, to);
  }

  /** Writes a gap. Between two breaks there is a line with only the escape character. */
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

  /** Ends a line, and writes comments with the indentation of the next line. */
  #newLine(between: readonly LinePart[], indent: number): void {
    const { lineEnd } = this.#style;
    let wasEmpty = false;
    this.#written += lineEnd;
    for (const part of between) {
      const isEmpty = part.kind === 'empty';
      if (!isEmpty) this.#written += ' '.repeat(indent) + readCommentText(part, this.#style) + lineEnd;
      else if (!wasEmpty) this.#written += lineEnd;
      wasEmpty = isEmpty;
    }
  }

  /** Takes the breaks up to `last` that are not written yet. */
  #takeBreaks(last: number): readonly Break[] {
    const first = this.#taken;
    while (this.#taken < this.#breaks.length && this.#breaks[this.#taken]!.at <= last) this.#taken += 1;
    return this.#breaks.slice(first, this.#taken);
  }

  #indent(gap: Gap): number {
    if (gap.indent === 'none') return 0;
    return STEP + (gap.indent === 'shape' ? (this.#columns(gap) ?? this.#leftmost) - this.#leftmost : 0);
  }

  /** Current indentation of the line that begins in the gap; undefined if there is none, or if it is irrelevant. */
  #columns(gap: Gap): number | undefined {
    if (gap.indent !== 'shape') return undefined;
    const last = this.#lastBreak(gap.to);
    return last === undefined || last.at < gap.from ? undefined : countColumns(this.#text.slice(last.at, gap.to));
  }

  /** The last break up to `to`. Breaks are in order, so this is a binary search. */
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
