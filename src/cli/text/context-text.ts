/** Formats the entries of a context: those in the context and those excluded by an ignore file. */
import type { ContextEntry as Entry, HiddenEntry } from '../../api/index.ts';
import { toPrintable } from './printable.ts';
import { formatJsonLines } from './table.ts';
import { formatSize } from './units.ts';

export interface ContextView {
  readonly isJson: boolean;
  readonly isLong: boolean;
  /** Only one context is listed, so it needs no heading. */
  readonly isOnly: boolean;
}

/** One path per line, directories with a slash at the end. `isLong` adds type, mode and size in the style of `ls -l`. */
export function formatContextEntries(context: string, entries: readonly Entry[], view: ContextView): string {
  if (view.isJson)
    return formatJsonLines(entries.map((entry) => ({ ...toContextMember(context), ...toEntryJson(entry) })));
  const width = entries.reduce((most, { size }) => Math.max(most, String(size).length), 1);
  const lines = entries.map((entry) => `${view.isLong ? `${formatDetails(entry, width)}  ` : ''}${formatPath(entry)}`);
  return addHeading(context, lines, view);
}

/** `3 files in 1 directory, 1.2MB`. */
export function formatContextSummary(entries: readonly Entry[]): string {
  const directories = entries.filter(({ type }) => type === 'directory').length;
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  const files = entries.length - directories;
  return `${formatCount(files, 'file', 'files')}, ${formatCount(directories, 'directory', 'directories')}, ${formatSize(bytes)}\n`;
}

/** Excluded paths, each with the ignore file line that excludes it. */
export function formatHiddenEntries(context: string, hidden: readonly HiddenEntry[], view: ContextView): string {
  if (view.isJson) {
    return formatJsonLines(
      hidden.map(({ entry, by }) => ({ ...toContextMember(context), ...toEntryJson(entry), hiddenBy: by })),
    );
  }
  const lines = hidden.map(
    ({ entry, by }) => `${formatPath(entry)}   ${by.file}:${by.line} \`${toPrintable(by.pattern)}\``,
  );
  return addHeading(context, lines, view);
}

/** The result for a path that is in the context. */
export function formatVisibleEntry(context: string, entry: Entry, view: ContextView): string {
  if (view.isJson) return formatJsonLines([{ ...toContextMember(context), ...toEntryJson(entry) }]);
  return `${formatPath(entry)}   is in the context\n`;
}

function addHeading(context: string, lines: readonly string[], view: ContextView): string {
  const heading = view.isOnly ? [] : [`${context === '' ? 'main context' : context}:`];
  return [...heading, ...lines].map((line) => `${line}\n`).join('');
}

function toContextMember(context: string): { context?: string } {
  return context === '' ? {} : { context };
}

function toEntryJson({ path, type, mode, size, linkname }: Entry) {
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

function formatDetails({ type, mode, size }: Entry, width: number): string {
  return `${LETTERS[type]}${mode.toString(8).padStart(4, '0')}  ${String(size).padStart(width)}`;
}

function formatPath({ path, type, linkname }: Entry): string {
  if (type === 'directory') return `${toPrintable(path)}/`;
  return linkname === undefined ? toPrintable(path) : `${toPrintable(path)} -> ${toPrintable(linkname)}`;
}

function formatCount(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
