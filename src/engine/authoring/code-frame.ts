/** For doors, which do not reach down to the language: the lines of a build file around a range. */
export { codeFrame } from '../../instructions/index.ts';
