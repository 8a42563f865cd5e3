/** One instruction, written as it should be. */
import { type InstructionTokens, isContinued, lineLayout, physicalLineAt, sourceSpan } from '#grammar';
import { breaksOf } from './breaks.ts';
import { gapsOf } from './gaps.ts';
import { LineWriter } from './line-writer.ts';
import { commentText, type Style } from './style.ts';

/** Its lines, with heredocs, without the line end after them. */
export function formatInstruction(instruction: InstructionTokens, style: Style): string {
  const { line, tokens, heredocs } = instruction;
  const from = tokens[0]!.from;
  const text = upperKeywords(line.text, tokens);
  const end = endOf(text, tokens);
  const start = sourceSpan(line, from).start;
  const { breaks, trailing } = breaksOf(lineLayout(style.source, start, line.end, style.escape), from, end);
  const written = new LineWriter(text, gapsOf(text, tokens, style.keepsCommands), breaks, style).write(from, end);
  const comments = trailing.filter(({ kind }) => kind === 'comment').map((part) => commentText(part, style));
  const body = heredocs.length === 0 ? [] : [bodyText(instruction, style)];
  return [protectEnd(written, instruction, end, style), ...comments, ...body].join(style.lineEnd);
}

const HAS_CASE = new Set(
  'From As Arg Env Label Run Copy Add Expose Volume Workdir User Cmd Entrypoint Shell'
    .split(' ')
    .concat('Stopsignal Healthcheck HealthType Onbuild Maintainer'.split(' ')),
);

function upperKeywords(text: string, tokens: InstructionTokens['tokens']): string {
  return tokens
    .filter(({ kind }) => HAS_CASE.has(kind))
    .reduce((now, { from, to }) => now.slice(0, from) + now.slice(from, to).toUpperCase() + now.slice(to), text);
}

/** Where the last token ends; or the text, if something follows that is no blank (an escape character without effect). */
function endOf(text: string, tokens: InstructionTokens['tokens']): number {
  const end = tokens.at(-1)!.to;
  return text.slice(end).trim() === '' ? end : text.length;
}

/** An escape character at the very end continues the line unless what follows it in the source still does. */
function protectEnd(
  written: string,
  { line }: InstructionTokens,
  end: number,
  { source, lineEnd, ...style }: Style,
): string {
  if (!isContinued(written.slice(written.lastIndexOf(lineEnd) + 1), style.escape)) return written;
  const behind = sourceSpan(line, end - 1, end).end;
  return written + source.slice(behind, physicalLineAt(source, behind).end);
}

/** From the line after the instruction to the line that ends the last heredoc: every byte of it means something. */
function bodyText({ line, heredocs }: InstructionTokens, { source }: Style): string {
  return source.slice(physicalLineAt(source, line.end).next, heredocs.at(-1)!.span.end);
}
