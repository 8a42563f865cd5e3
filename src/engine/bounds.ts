/** Bounds that several verbs share. */

/** More than any build file or ignore file, in bytes. */
export const MOST_TEXT = 64 * 1024 * 1024;
