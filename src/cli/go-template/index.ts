import { formatTable } from '../text/table.ts';
import { evaluateTemplate } from './evaluate.ts';
import { splitTemplate } from './lexer.ts';
import { parseTemplate } from './parser.ts';

/**
 * Formats rows with a template of Go, as Docker's `--format`: one line each. `table …` prints columns with headings, which `headings`
 * gives by the names of the fields. Throws `usage`.
 */
export function formatWithTemplate(
  template: string,
  rows: readonly object[],
  headings: Readonly<Record<string, string>> = {},
): string {
  const isTable = /^table\s/.test(template);
  const text = replaceEscapes(isTable ? template.slice('table'.length).trimStart() : template);
  if (!isTable) {
    const nodes = parseTemplate(text);
    return rows.map((row) => `${evaluateTemplate(nodes, row)}\n`).join('');
  }
  const cells = text.split('\t');
  const parsed = cells.map(parseTemplate);
  return formatTable(
    cells.map((cell) => formatHeading(cell, headings)),
    rows.map((row) => parsed.map((nodes) => evaluateTemplate(nodes, row))),
  );
}

/** Evaluates a template of Go for a value. Throws `usage`. */
export function applyTemplate(template: string, data: object): string {
  return evaluateTemplate(parseTemplate(replaceEscapes(template)), data);
}

function formatHeading(cell: string, headings: Readonly<Record<string, string>>): string {
  return splitTemplate(cell)
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const name = piece.flatMap((token) => (token.kind === 'field' ? [token.text] : [])).at(-1) ?? '';
      return headings[name] ?? name.toUpperCase();
    })
    .join('');
}

/** A shell passes `\t` on as two characters. */
function replaceEscapes(text: string): string {
  return text.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}
