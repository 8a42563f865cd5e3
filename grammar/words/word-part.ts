/** The parts of a word. */

export type ExpansionOperator = ':-' | '-' | ':+' | '+' | ':?' | '?' | '#' | '##' | '%' | '%%' | '/' | '//';

/** A part of a word. `quoted` text comes from quotes or an escape and is never split. */
export type WordPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly quoted: boolean;
      /** As written: `$x`, `${x:-y}`. */
      readonly raw: string;
      readonly operator?: ExpansionOperator;
      /** For `#`, `%` and `/` a pattern: its text keeps escape characters, and doubles those in quotes. */
      readonly operand?: readonly WordPart[];
      /** The replacement of `/` and `//`. Its text keeps escape characters. */
      readonly replacement?: readonly WordPart[];
    };

/** Mutable list of parts: text is appended to the last part. */
export type PartBuffer = ({ kind: 'text'; text: string; quoted: boolean } | Extract<WordPart, { kind: 'variable' }>)[];

/** Adds text. Adjacent texts with the same quoting become one part. */
export function addText(parts: PartBuffer, text: string, quoted: boolean): void {
  const last = parts.at(-1);
  if (last?.kind === 'text' && last.quoted === quoted) last.text += text;
  else parts.push({ kind: 'text', text, quoted });
}
