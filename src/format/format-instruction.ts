/** Formats one instruction. */
import { findSourceSpan, type InstructionTokens, isContinued, readLineLayout, readPhysicalLine } from '#grammar';
import { findBreaks } from './breaks.ts';
import { findGaps } from './gaps.ts';
import { LineWriter } from './line-writer.ts';
import { readCommentText, type Style } from './style.ts';

/** Returns the lines of the instruction and its heredocs, without the last line end. */
export function formatInstruction(instruction: InstructionTokens, style: Style): string {
  const { line, tokens, heredocs } = instruction;
  const from = tokens[0]!.from;
  const text = upperCaseKeywords(line.text, tokens);
  const end = findEnd(text, tokens);
  const start = findSourceSpan(line, from).start;
  const { breaks, trailing } = findBreaks(
    readLineLayout(style.source, style.escape, { start, end: line.end }),
    from,
    end,
  );
  const written = new LineWriter(text, style, { gaps: findGaps(text, tokens, style.keepsCommands), breaks }).write(
    from,
    end,
  );
  const comments = trailing.filter(({ kind }) => kind === 'comment').map((part) => readCommentText(part, style));
  const body = heredocs.length === 0 ? [] : [readBodies(instruction, style)];
  return [protectEnd(written, style, { tokens: instruction, end }), ...comments, ...body].join(style.lineEnd);
}

const HAS_CASE = new Set(
  'From As Arg Env Label Run Copy Add Expose Volume Workdir User Cmd Entrypoint Shell'
    .split(' ')
    .concat('Stopsignal Healthcheck HealthType Onbuild Maintainer'.split(' ')),
);

function upperCaseKeywords(text: string, tokens: InstructionTokens['tokens']): string {
  return tokens
    .filter(({ kind }) => HAS_CASE.has(kind))
    .reduce((now, { from, to }) => now.slice(0, from) + now.slice(from, to).toUpperCase() + now.slice(to), text);
}

/** The end of the last token, or of the text if more than blanks follow (an escape character without effect). */
function findEnd(text: string, tokens: InstructionTokens['tokens']): number {
  const end = tokens.at(-1)!.to;
  return text.slice(end).trim() === '' ? end : text.length;
}

/** If the last line ends with an escape character, keeps the blanks behind it, so that it does not continue the line. */
function protectEnd(
  written: string,
  { source, lineEnd, ...style }: Style,
  { tokens: { line }, end }: { readonly tokens: InstructionTokens; readonly end: number },
): string {
  if (!isContinued(written.slice(written.lastIndexOf(lineEnd) + 1), style.escape)) return written;
  const behind = findSourceSpan(line, end - 1, end).end;
  return written + source.slice(behind, readPhysicalLine(source, behind).end);
}

/** The lines of all heredocs, unchanged, because every byte is content. */
function readBodies({ line, heredocs }: InstructionTokens, { source }: Style): string {
  return source.slice(readPhysicalLine(source, line.end).next, heredocs.at(-1)!.span.end);
}
