import { text } from './source-code.ts';

const page = text('docs/architecture.md');

/** Which rooms a room may open, as docs/architecture.md has it: there is no second table. */
export const OPENS: ReadonlyMap<string, readonly string[]> = readTable();

/** The picture of the rooms, by lines; what stands behind a dash says what is in them. */
export const PICTURE: readonly string[] = sectionOf('The rooms')
  .split('```')[1]!
  .split('\n')
  .map((line) => line.replace(/ — .*/, ''));

function readTable(): ReadonlyMap<string, readonly string[]> {
  const rows = sectionOf('The rooms').matchAll(/^\| `([\w/-]+)` *\| [^|]+ \|([^|]*)\|$/gm);
  return new Map(Array.from(rows, ([, room = '', opens = '']) => [room, opens.match(/[\w/-]+/g) ?? []]));
}

function sectionOf(title: string): string {
  const start = page.indexOf(`\n## ${title}\n`);
  const end = page.indexOf('\n## ', start + 1);
  if (start < 0) throw new Error(`docs/architecture.md has no section \`${title}\``);
  return page.slice(start, end < 0 ? undefined : end);
}
