/** Formats the text of a build file. */
import { parseSyntax } from '#grammar';
import { type BuildFile, type Diagnostic, parseBuildFile } from '../instructions/index.ts';
import { type Block, splitBlocks } from './blocks.ts';
import { hasSameMeaning } from './meaning.ts';
import { usesForeignShell } from './shell.ts';
import type { Style } from './style.ts';

/** A file with errors is not formatted. */
export type Formatted =
  | { readonly kind: 'formatted'; readonly text: string }
  | { readonly kind: 'faulty'; readonly diagnostics: readonly Diagnostic[] };

const BYTE_ORDER_MARK = '\ufeff';

/** Formats a build file. Parses the result again, and returns the original text if the meaning would change. */
export function formatBuildFile(text: string): Formatted {
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const source = text.slice(mark.length);
  const file = parseBuildFile(source);
  if (file.diagnostics.some(({ severity }) => severity === 'error')) {
    return { kind: 'faulty', diagnostics: file.diagnostics };
  }
  const formatted = writeBlocks(source, file);
  const isSafe = formatted === source || hasSameMeaning(file, parseBuildFile(formatted));
  return { kind: 'formatted', text: isSafe ? mark + formatted : text };
}

function writeBlocks(source: string, file: BuildFile): string {
  const style: Style = {
    source,
    escape: file.escape,
    lineEnd: /^[^\n]*\r\n/.test(source) ? '\r\n' : '\n',
    keepsCommands: usesForeignShell(file),
  };
  const blocks = spaceBlocks(splitBlocks(parseSyntax(source), style));
  const [first] = blocks;
  const head = first?.kind === 'comment' && isHidden(source, first) ? [{ kind: 'empty', text: '' }] : [];
  return [...head, ...blocks].map(({ text }) => text + style.lineEnd).join('');
}

/** Keeps at most one empty line in a row, removes those at both ends, and adds one before each stage except the first. */
function spaceBlocks(blocks: readonly Block[]): readonly Block[] {
  const result: Block[] = [];
  let isFirstStage = true;
  for (const block of blocks) {
    if (block.kind === 'empty') {
      if (result.length > 0 && result.at(-1)?.kind !== 'empty') result.push(block);
      continue;
    }
    if (block.kind === 'from' && !isFirstStage) addEmptyLine(result);
    if (block.kind === 'from') isFirstStage = false;
    result.push(block);
  }
  return result.at(-1)?.kind === 'empty' ? result.slice(0, -1) : result;
}

/** Adds an empty line before the comments of the next block. */
function addEmptyLine(blocks: Block[]): void {
  const last = blocks.findLastIndex(({ kind }) => kind !== 'comment');
  if (blocks[last]?.kind !== 'empty') blocks.splice(last + 1, 0, { kind: 'empty', text: '' });
}

/** True if the comment would become a directive or `#!` line at the top of the file. An empty line must stay before it. */
function isHidden(source: string, { text }: Block): boolean {
  const reads = /^#(!|\s*(syntax|escape|check)\s*=)/i.test(text);
  return reads && !source.startsWith(text) && /^(\s*\n|\s+#!)/.test(source);
}
