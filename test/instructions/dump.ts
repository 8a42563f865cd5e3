import type { BuildFile, Diagnostic, Instruction, Range } from '../../src/instructions/index.ts';

/** A build file as a person checks it: each instruction with its lines and what it says, then everything that is wrong. */
export function dumpBuildFile(file: BuildFile): string {
  const directives = file.directives.map(({ name, value, range }) => `${lines(range)} # ${name} = ${value}`);
  const empty = file.emptyContinuations.map(
    ({ instruction, range }) => `${lines(range)} is empty, in instruction ${instruction}`,
  );
  const parts = [directives, file.instructions.map(dumpInstruction), empty, file.diagnostics.map(dumpDiagnostic)];
  return `${parts.flat().join('\n')}\n`;
}

function dumpInstruction({ kind, keyword, source, range, comments, ...own }: Instruction): string {
  const about = comments.map(({ text }) => `    # ${text}`);
  const members = Object.entries(own).map(([name, value]) => `    ${name}: ${JSON.stringify(brief(value))}`);
  return [`${lines(range)} ${kind}`, `    ${source}`, ...about, ...members].join('\n');
}

/** Words as they are written, without ranges. */
function brief(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(brief);
  if (typeof value !== 'object' || value === null) return value;
  if ('raw' in value && 'parts' in value) return value.raw;
  const skipped = ['range', 'comments', 'body'];
  const members = Object.entries(value).filter(([name]) => !skipped.includes(name));
  return Object.fromEntries(members.map(([name, member]) => [name, brief(member)]));
}

function dumpDiagnostic({ severity, code, message, hint, range: { start, end } }: Diagnostic): string {
  const where = `${start.line}:${start.column}-${end.line}:${end.column}`;
  return `${where} ${severity} ${code}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

function lines({ start, end }: Range): string {
  return start.line === end.line ? `${start.line}` : `${start.line}-${end.line}`;
}
