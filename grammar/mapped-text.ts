/**
 * A text that consists of pieces of the source: an instruction without continuations, a flag without quotes, a heredoc without
 * tabs. It stores the source offset of each piece, so that any part of it can be located in the source.
 */
export interface MappedText {
  readonly text: string;
  /** In order. The first starts at 0. Empty only if the text is empty. */
  readonly pieces: readonly Piece[];
  /** End of the last piece, and position of an empty text. Offset into the source. */
  readonly sourceEnd: number;
}

/** The text from offset `at` to the next piece comes from offset `from` of the source. */
export interface Piece {
  readonly at: number;
  readonly from: number;
}

/** Half-open span of offsets into the source. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A piece of the source, unchanged. */
export function sliceSource(source: string, start: number, end: number): MappedText {
  return { text: source.slice(start, end), pieces: [{ at: 0, from: start }], sourceEnd: end };
}

/** The source offset of the character at `at` of the text. */
export function findSourceOffset(mapped: MappedText, at: number): number {
  if (at >= mapped.text.length) return mapped.sourceEnd;
  const piece = mapped.pieces[findPieceIndex(mapped, at)]!;
  return piece.from + at - piece.at;
}

/** The source span of a part of the text. An empty part is at the position of the next character. */
export function findSourceSpan(mapped: MappedText, from = 0, to = mapped.text.length): Span {
  const start = findSourceOffset(mapped, from);
  return { start, end: to > from ? findSourceOffset(mapped, to - 1) + 1 : start };
}

/** A part of the text, with its pieces. */
export function slicePart(mapped: MappedText, from: number, to: number): MappedText {
  const span = findSourceSpan(mapped, from, to);
  if (mapped.pieces.length === 1 || to <= from) {
    return { text: mapped.text.slice(from, to), pieces: [{ at: 0, from: span.start }], sourceEnd: span.end };
  }
  const pieces: Piece[] = [];
  for (let index = findPieceIndex(mapped, from); index < mapped.pieces.length; index += 1) {
    const piece = mapped.pieces[index]!;
    if (piece.at >= to) break;
    const cut = Math.max(from - piece.at, 0);
    pieces.push({ at: piece.at + cut - from, from: piece.from + cut });
  }
  return { text: mapped.text.slice(from, to), pieces, sourceEnd: span.end };
}

/** Joins parts of one text and drops the text between them. */
export function joinParts(
  mapped: MappedText,
  parts: readonly { readonly from: number; readonly to: number }[],
): MappedText {
  const pieces: Piece[] = [];
  let text = '';
  let sourceEnd = mapped.sourceEnd;
  for (const { from, to } of parts) {
    const part = slicePart(mapped, from, to);
    for (const piece of part.pieces) pieces.push({ at: text.length + piece.at, from: piece.from });
    text += part.text;
    sourceEnd = part.sourceEnd;
  }
  return { text, pieces, sourceEnd };
}

/** The index of the piece with the character at `at`. */
function findPieceIndex(mapped: MappedText, at: number): number {
  let low = 0;
  let high = mapped.pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (mapped.pieces[middle]!.at <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
