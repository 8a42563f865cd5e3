export { type CodeFrameOptions, codeFrame } from './code-frame.ts';
export type { Diagnostic, Fix, TextEdit } from './diagnostic.ts';
export { encodingFaults } from './encoding.ts';
export type * from './instruction.ts';
export { parseBuildFile, parseTrigger, type Trigger } from './parse-build-file.ts';
export { printBuildFile } from './print.ts';
export { createSourceMap, type SourceLine, type SourceMap } from './source-map.ts';
