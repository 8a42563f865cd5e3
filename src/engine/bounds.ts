/** Limits that several verbs share. */

/** The maximum size of a build file or ignore file, in bytes. */
export const MOST_TEXT = 64 * 1024 * 1024;
