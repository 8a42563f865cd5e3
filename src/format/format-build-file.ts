/** Text of a build file to the same file, written as it should be. */
import { parseSyntax } from '#grammar';
import { type BuildFile, type Diagnostic, parseBuildFile } from '../instructions/index.ts';
import { type Block, blocksOf } from './blocks.ts';
import { meansTheSame } from './meaning.ts';
import { usesForeignShell } from './shell.ts';
import type { Style } from './style.ts';

/** A file that cannot be read is not formatted either. */
export type Formatted =
  | { readonly kind: 'formatted'; readonly text: string }
  | { readonly kind: 'faulty'; readonly diagnostics: readonly Diagnostic[] };

const BYTE_ORDER_MARK = '\ufeff';

/** Formats. The result is read again, and where it would not say the same, the text stays as it is. */
export function formatBuildFile(text: string): Formatted {
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const source = text.slice(mark.length);
  const file = parseBuildFile(source);
  if (file.diagnostics.some(({ severity }) => severity === 'error')) {
    return { kind: 'faulty', diagnostics: file.diagnostics };
  }
  const formatted = written(source, file);
  const isSafe = formatted === source || meansTheSame(file, parseBuildFile(formatted));
  return { kind: 'formatted', text: isSafe ? mark + formatted : text };
}

function written(source: string, file: BuildFile): string {
  const style: Style = {
    source,
    escape: file.escape,
    lineEnd: /^[^\n]*\r\n/.test(source) ? '\r\n' : '\n',
    keepsCommands: usesForeignShell(file),
  };
  const blocks = spaced(blocksOf(parseSyntax(source), style));
  const [first] = blocks;
  const head = first?.kind === 'comment' && isHidden(source, first) ? [{ kind: 'empty', text: '' }] : [];
  return [...head, ...blocks].map(({ text }) => text + style.lineEnd).join('');
}

/** At most one empty line in a row, none at the ends, one before each stage but the first. */
function spaced(blocks: readonly Block[]): readonly Block[] {
  const result: Block[] = [];
  let isFirstStage = true;
  for (const block of blocks) {
    if (block.kind === 'empty') {
      if (result.length > 0 && result.at(-1)?.kind !== 'empty') result.push(block);
      continue;
    }
    if (block.kind === 'from' && !isFirstStage) separate(result);
    if (block.kind === 'from') isFirstStage = false;
    result.push(block);
  }
  return result.at(-1)?.kind === 'empty' ? result.slice(0, -1) : result;
}

/** Puts an empty line before the comments that the next block is under. */
function separate(blocks: Block[]): void {
  const last = blocks.findLastIndex(({ kind }) => kind !== 'comment');
  if (blocks[last]?.kind !== 'empty') blocks.splice(last + 1, 0, { kind: 'empty', text: '' });
}

/** True if the comment is a directive or `#!` only as long as it is not at the very top of the file: so it must stay below. */
function isHidden(source: string, { text }: Block): boolean {
  const reads = /^#(!|\s*(syntax|escape|check)\s*=)/i.test(text);
  return reads && !source.startsWith(text) && /^(\s*\n|\s+#!)/.test(source);
}
