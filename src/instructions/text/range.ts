/** Lines and columns start at 1. Offsets (UTF-16 units in the source) start at 0. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** A part of a build file. `end` is behind its last character. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}
