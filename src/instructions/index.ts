export { type CodeFrameOptions, codeFrame } from './code-frame.ts';
export type { Diagnostic } from './diagnostic.ts';
export type * from './instruction.ts';
export { parseBuildFile, parseTrigger, type Trigger } from './parse-build-file.ts';
export { printBuildFile } from './print.ts';
