/**
 * Takes the picture of a command at work: `node --import tsx docs/images/take.ts <file.svg> <seconds> <command> [<argument>…]`
 * runs it on a terminal of 100 by 16 and draws what stands there after so many seconds, or at the end. The first line shows
 * the command as a person would type it. What names a host is not drawn: it would be that of whoever took the picture.
 */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { spawn } from '@lydell/node-pty';
import xterm, { type IBufferCell } from '@xterm/headless';

const COLUMNS = 100;
const ROWS = 16;
const CELL = { width: 8.4, height: 18 };
const MARGIN = 16;
const PAPER = '#1b1e26';
const INK = '#d6dae3';
/** ECMA-48 colours 0 to 7. */
const PALETTE = [PAPER, '#f2777a', '#99cc99', '#ffcc66', '#7aa6da', '#cc99cc', '#66cccc', INK];

const [file = '', seconds = '', ...command] = process.argv.slice(2);
const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
terminal.write(`\x1b[1m$ ${showCommand(command)}\x1b[0m\r\n`);
await runFor(command, Number(seconds) * 1000);
await new Promise<void>((resolve) => terminal.write('', resolve));
const named = listShownLines().find((line) => /\w+:\/\//.test(line));
if (named !== undefined) throw new Error(`take it at another moment, this names a host: ${named.trim()}`);
writeFileSync(file, drawImage(countUsedRows()));

function showCommand([program = '', ...args]: readonly string[]): string {
  const [first = '', ...rest] = basename(program) === 'node' ? ['mkimage', ...args.slice(1)] : [program, ...args];
  return [basename(first), ...rest].join(' ');
}

/** Ends the command when its time is over. */
function runFor([program = '', ...args]: readonly string[], milliseconds: number): Promise<void> {
  const env = { ...process.env, TERM: 'xterm-256color' } as Record<string, string>;
  const child = spawn(program, args, { cols: COLUMNS, rows: ROWS, env });
  return new Promise((resolve) => {
    const output = child.onData((text) => terminal.write(text));
    const end = () => {
      output.dispose();
      child.kill();
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    child.onExit(() => {
      clearTimeout(timer);
      setTimeout(resolve, 50); // what it wrote last is still on its way
    });
  });
}

function listShownLines(): readonly string[] {
  return Array.from({ length: ROWS }, (_, row) => terminal.buffer.active.getLine(row)?.translateToString(true) ?? '');
}

function countUsedRows(): number {
  return listShownLines().findLastIndex((line) => line !== '') + 1;
}

function drawImage(rows: number): string {
  const [width, height] = [COLUMNS * CELL.width + 2 * MARGIN, rows * CELL.height + 2 * MARGIN];
  const lines = Array.from({ length: rows }, (_, row) => lineOf(row));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escapeXml(showCommand(command))}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${PAPER}"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
    ...lines.flat(),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

interface Run {
  readonly column: number;
  readonly style: string;
  text: string;
}

/** One text element for each stretch of equal cells, so that every column stays where it is whatever the font. */
function lineOf(row: number): readonly string[] {
  const runs: Run[] = [];
  for (let column = 0; column < COLUMNS; column++) {
    const cell = terminal.buffer.active.getLine(row)?.getCell(column);
    if (cell === undefined) continue;
    const style = styleOf(cell);
    if (runs.at(-1)?.style === style) runs.at(-1)!.text += cell.getChars() || ' ';
    else runs.push({ column, style, text: cell.getChars() || ' ' });
  }
  return runs.filter(({ text }) => text.trim() !== '').map((run) => elementOf(run, row));
}

function elementOf({ column, style, text }: Run, row: number): string {
  const x = MARGIN + column * CELL.width;
  const y = MARGIN + (row + 0.75) * CELL.height;
  const length = text.length * CELL.width;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" textLength="${length.toFixed(1)}" ${style}>${escapeXml(text)}</text>`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function styleOf(cell: IBufferCell): string {
  const fill = cell.isFgPalette() ? (PALETTE[cell.getFgColor() % 8] ?? INK) : INK;
  return `fill="${fill}"${cell.isBold() ? ' font-weight="bold"' : ''}${cell.isDim() ? ' opacity="0.6"' : ''}`;
}
