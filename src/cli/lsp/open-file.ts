import type { Position, Range, TextEdit } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type EditorDocument, openDocument } from '../../editor/index.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A document as the protocol has it, with what the editor room makes of it. One for each version. */
export class OpenFile {
  readonly text: TextDocument;
  /** A byte order mark counts in the protocol, but not in a build file. */
  readonly #shift: number;
  #document: EditorDocument | undefined;

  constructor(text: TextDocument) {
    this.text = text;
    this.#shift = text.getText().startsWith('\ufeff') ? 1 : 0;
  }

  /** Read when somebody asks: most versions are gone before. */
  get document(): EditorDocument {
    this.#document ??= openDocument(this.text.getText().slice(this.#shift));
    return this.#document;
  }

  offsetAt(position: Position): number {
    return Math.max(0, this.text.offsetAt(position) - this.#shift);
  }

  spanOf({ start, end }: Range): Span {
    return { start: this.offsetAt(start), end: this.offsetAt(end) };
  }

  rangeOf({ start, end }: Span): Range {
    return { start: this.text.positionAt(start + this.#shift), end: this.text.positionAt(end + this.#shift) };
  }

  edit(span: Span, newText: string): TextEdit {
    return { range: this.rangeOf(span), newText };
  }
}
