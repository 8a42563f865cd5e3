export type { Diagnostic, Fix, TextEdit } from './diagnostic.ts';
export type * from './instruction.ts';
export { parseBuildFile, parseTrigger, type Trigger } from './parse-build-file.ts';
export { printBuildFile } from './print.ts';
export { type CodeFrameOptions, formatCodeFrame } from './text/code-frame.ts';
export { findEncodingFaults } from './text/encoding.ts';
export type { Position, Range } from './text/range.ts';
export { createSourceMap, type SourceLine, type SourceMap } from './text/source-map.ts';
