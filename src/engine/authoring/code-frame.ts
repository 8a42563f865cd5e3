/** Formats the lines of a build file around a range, for doors, which may not import the language rooms. */
export { codeFrame } from '../../instructions/index.ts';
