/** Figures to text and JSON. */
import type { Figure } from './measure.ts';
import type { Series } from './rounds.ts';

const SELF = 'mkimage';

export interface Row {
  readonly id: string;
  readonly title: string;
  /** mkimage's time by BuildKit's that is aimed at. */
  readonly limit: number;
  readonly builders: readonly Cell[];
}

interface Cell {
  readonly name: string;
  readonly medianMs: number;
  /** Median over the rounds of mkimage's time by this builder's. */
  readonly ratio?: number;
  readonly peakMiB: number;
  readonly figures: readonly Figure[];
}

export function rowOf({ moment: { id, title, limit }, figures }: Series): Row {
  const own = figures.get(SELF) ?? [];
  return {
    id,
    title,
    limit,
    builders: [...figures].map(([name, all]) => cellOf(name, all, own)).sort(compareSelfFirst),
  };
}

function cellOf(name: string, figures: readonly Figure[], own: readonly Figure[]): Cell {
  const ratios = figures.map(({ milliseconds }, round) => own[round]!.milliseconds / milliseconds);
  return {
    name,
    medianMs: computeMedian(figures.map(({ milliseconds }) => milliseconds)),
    ...(name === SELF ? {} : { ratio: computeMedian(ratios) }),
    peakMiB: Math.max(...figures.map(({ peakMiB }) => peakMiB)),
    figures,
  };
}

function compareSelfFirst(one: Cell, other: Cell): number {
  return Number(other.name === SELF) - Number(one.name === SELF) || (one.name < other.name ? -1 : 1);
}

/** A Markdown table: seconds, ratios, and peaks in the order of the builders. */
export function tableOf(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap(({ builders }) => builders.map(({ name }) => name)))];
  const heads = names.flatMap((name) =>
    name === SELF ? [name] : name === 'BuildKit' ? [name, 'ratio', 'aim'] : [name, 'ratio'],
  );
  const lines = rows.map((row) => [row.title, ...names.flatMap((name) => wordsOf(name, row)), peaksOf(names, row)]);
  return alignColumns([['', ...heads, 'peak MiB'], ...lines]);
}

function wordsOf(name: string, { builders, limit }: Row): readonly string[] {
  const cell = builders.find((each) => each.name === name);
  const seconds = cell === undefined ? '' : `${(cell.medianMs / 1000).toFixed(2)} s`;
  if (name === SELF) return [seconds];
  return [seconds, cell?.ratio?.toFixed(2) ?? '', ...(name === 'BuildKit' ? [`≤ ${limit}`] : [])];
}

function peaksOf(names: readonly string[], { builders }: Row): string {
  const peakOf = (name: string) => builders.find((each) => each.name === name)?.peakMiB.toFixed(0) ?? '–';
  return names.map(peakOf).join(' / ');
}

function alignColumns(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, column) => Math.max(3, ...lines.map((line) => line[column]!.length)));
  const formatRow = (line: readonly string[]) =>
    `| ${line.map((word, at) => (at === 0 ? word.padEnd(widths[at]!) : word.padStart(widths[at]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [formatRow(lines[0]!), rule, ...lines.slice(1).map(formatRow)].join('\n');
}

function computeMedian(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
