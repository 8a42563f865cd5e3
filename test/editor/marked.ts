/** A text with a cursor: `|` where it stands. */
export function marked(text: string): { readonly source: string; readonly offset: number } {
  const offset = text.indexOf('|');
  if (offset < 0) throw new Error(`no cursor in ${text}`);
  return { source: text.slice(0, offset) + text.slice(offset + 1), offset };
}
