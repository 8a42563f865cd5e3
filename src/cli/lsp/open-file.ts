import type { Position, Range, TextEdit } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type EditorDocument, openDocument } from '../../editor/index.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** One version of a document, with its parsed form. Converts between positions of the protocol and offsets. */
export class OpenFile {
  readonly text: TextDocument;
  /** The protocol counts a byte order mark, the parser does not. */
  readonly #shift: number;
  #document: EditorDocument | undefined;

  constructor(text: TextDocument) {
    this.text = text;
    this.#shift = text.getText().startsWith('\ufeff') ? 1 : 0;
  }

  /** Parsed on first use, because most versions are replaced before they are used. */
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
