/**
 * A text put together from pieces of the source: an instruction without its continuations, a flag without its quotes, a
 * heredoc without its tabs. It remembers where each piece came from, so that any part of it can be shown in the source.
 */
export interface MappedText {
  readonly text: string;
  /** In order; the first starts at 0. Empty only if the text is. */
  readonly pieces: readonly Piece[];
  /** Where an empty text would stand, and where the last piece ends. Offset into the source. */
  readonly sourceEnd: number;
}

/** From offset `at` of the text on, characters come from offset `from` of the source, until the next piece. */
export interface Piece {
  readonly at: number;
  readonly from: number;
}

/** Half-open span of offsets into the source. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A piece of the source as it stands. */
export function mappedSlice(source: string, start: number, end: number): MappedText {
  return { text: source.slice(start, end), pieces: [{ at: 0, from: start }], sourceEnd: end };
}

/** Offset in the source of the character at `at` of the text. */
export function sourceOffset(mapped: MappedText, at: number): number {
  if (at >= mapped.text.length) return mapped.sourceEnd;
  const piece = mapped.pieces[pieceIndex(mapped, at)]!;
  return piece.from + at - piece.at;
}

/** Span in the source of a part of the text; an empty part is where its first character would be. */
export function sourceSpan(mapped: MappedText, from = 0, to = mapped.text.length): Span {
  const start = sourceOffset(mapped, from);
  return { start, end: to > from ? sourceOffset(mapped, to - 1) + 1 : start };
}

/** A part of the text, with the pieces that it is made of. */
export function slicePart(mapped: MappedText, from: number, to: number): MappedText {
  const span = sourceSpan(mapped, from, to);
  if (mapped.pieces.length === 1 || to <= from) {
    return { text: mapped.text.slice(from, to), pieces: [{ at: 0, from: span.start }], sourceEnd: span.end };
  }
  const pieces: Piece[] = [];
  for (let index = pieceIndex(mapped, from); index < mapped.pieces.length; index += 1) {
    const piece = mapped.pieces[index]!;
    if (piece.at >= to) break;
    const cut = Math.max(from - piece.at, 0);
    pieces.push({ at: piece.at + cut - from, from: piece.from + cut });
  }
  return { text: mapped.text.slice(from, to), pieces, sourceEnd: span.end };
}

/** Puts parts of one text together, leaving out what lies between them. */
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

/** Index of the piece that holds the character at `at`. */
function pieceIndex(mapped: MappedText, at: number): number {
  let low = 0;
  let high = mapped.pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (mapped.pieces[middle]!.at <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
