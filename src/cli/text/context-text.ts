/** A context in words: lists of what is seen and of what is hidden. */
import type { ContextEntry as Entry, HiddenEntry } from '../../api/index.ts';
import { printable } from './printable.ts';
import { jsonLines } from './table.ts';
import { formatSize } from './units.ts';

export interface ContextView {
  readonly isJson: boolean;
  readonly isLong: boolean;
  /** There is no other list from which this one must be told apart. */
  readonly isOnly: boolean;
}

/** A path a line, directories with a slash at the end; with `isLong` preceded by type, mode and size as `ls -l` shows them. */
export function contextEntriesText(context: string, entries: readonly Entry[], view: ContextView): string {
  if (view.isJson) return jsonLines(entries.map((entry) => ({ ...named(context), ...entryJson(entry) })));
  const width = entries.reduce((most, { size }) => Math.max(most, String(size).length), 1);
  const lines = entries.map((entry) => `${view.isLong ? `${longText(entry, width)}  ` : ''}${shownPath(entry)}`);
  return headed(context, lines, view);
}

/** `3 files in 1 directory, 1.2MB`. */
export function contextSummary(entries: readonly Entry[]): string {
  const directories = entries.filter(({ type }) => type === 'directory').length;
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  const files = entries.length - directories;
  return `${counted(files, 'file', 'files')}, ${counted(directories, 'directory', 'directories')}, ${formatSize(bytes)}\n`;
}

/** Hidden paths, each with the line that hides it. */
export function hiddenText(context: string, hidden: readonly HiddenEntry[], view: ContextView): string {
  if (view.isJson) {
    return jsonLines(hidden.map(({ entry, by }) => ({ ...named(context), ...entryJson(entry), hiddenBy: by })));
  }
  const lines = hidden.map(
    ({ entry, by }) => `${shownPath(entry)}   ${by.file}:${by.line} \`${printable(by.pattern)}\``,
  );
  return headed(context, lines, view);
}

/** What is said of a path that nothing hides. */
export function verdictText(context: string, entry: Entry, view: ContextView): string {
  if (view.isJson) return jsonLines([{ ...named(context), ...entryJson(entry) }]);
  return `${shownPath(entry)}   is in the context\n`;
}

function headed(context: string, lines: readonly string[], view: ContextView): string {
  const heading = view.isOnly ? [] : [`${context === '' ? 'main context' : context}:`];
  return [...heading, ...lines].map((line) => `${line}\n`).join('');
}

function named(context: string): { context?: string } {
  return context === '' ? {} : { context };
}

function entryJson({ path, type, mode, size, linkname }: Entry) {
  return { path, type, mode: mode.toString(8).padStart(4, '0'), size, ...(linkname === undefined ? {} : { linkname }) };
}

const LETTERS: Readonly<Record<Entry['type'], string>> = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  fifo: 'p',
  char: 'c',
  block: 'b',
};

function longText({ type, mode, size }: Entry, width: number): string {
  return `${LETTERS[type]}${mode.toString(8).padStart(4, '0')}  ${String(size).padStart(width)}`;
}

function shownPath({ path, type, linkname }: Entry): string {
  if (type === 'directory') return `${printable(path)}/`;
  return linkname === undefined ? printable(path) : `${printable(path)} -> ${printable(linkname)}`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
