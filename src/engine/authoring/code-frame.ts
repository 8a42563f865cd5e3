/** Formats the lines of a build file around a range, for doors, which may not import the language rooms. */
export { formatCodeFrame } from '../../instructions/index.ts';
