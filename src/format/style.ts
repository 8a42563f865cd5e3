import type { EscapeCharacter, Span } from '#grammar';

/** Properties of the file that is formatted. */
export interface Style {
  readonly source: string;
  readonly escape: EscapeCharacter;
  readonly lineEnd: '\n' | '\r\n';
  /** True if commands are not for a POSIX shell. They are not changed. */
  readonly keepsCommands: boolean;
}

/** The text of a comment without trailing blanks. */
export function readCommentText({ start, end }: Span, { source }: Style): string {
  return source.slice(start, end).trimEnd();
}
