/** `mkimage/format`: writes build files as `mkimage fmt` does. Pure: text to text. */
export { type DiffOptions, type Formatted, formatBuildFile, formatDiff } from '../format/index.ts';
export type { Diagnostic, Fix, Position, Range, TextEdit } from '../instructions/index.ts';
