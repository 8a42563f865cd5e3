/** Lines and columns start at 1, offsets (UTF-16 units into the source) at 0. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** A part of a build file: `end` is the place behind its last character. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}
