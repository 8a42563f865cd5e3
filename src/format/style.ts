import type { EscapeCharacter, Span } from '#grammar';

/** How the file that is formatted is written. */
export interface Style {
  readonly source: string;
  readonly escape: EscapeCharacter;
  readonly lineEnd: '\n' | '\r\n';
  /** Commands are for a shell that nobody here knows: they stay as they are. */
  readonly keepsCommands: boolean;
}

/** A comment as it stands, without blanks at its end. */
export function commentText({ start, end }: Span, { source }: Style): string {
  return source.slice(start, end).trimEnd();
}
