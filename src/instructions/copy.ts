/** COPY and ADD. */
import {
  type AddCstChildren,
  type CopyCstChildren,
  getPayload,
  type HeredocText,
  type MappedText,
  parseHeredocMark,
  readTokenText,
  slicePart,
} from '#grammar';
import { reportNotStrings } from './command.ts';
import { readFlags, readFlagWord } from './flags.ts';
import { readHeredoc } from './heredoc.ts';
import type { Add, Copy, CopySourceWord, Word } from './instruction.ts';
import {
  createOptionalMember,
  type Frame,
  findTextRange,
  type Reading,
  readWord,
  readWordAt,
  reportError,
} from './reading.ts';

const SHARED = { chown: 'text', chmod: 'text', link: 'switch', exclude: 'texts' } as const;
const COPY_FLAGS = { ...SHARED, from: 'text', parents: 'switch' } as const;
const ADD_FLAGS = { ...SHARED, checksum: 'text', 'keep-git-dir': 'switch', unpack: 'switch' } as const;

export function readCopy(reading: Reading, node: CopyCstChildren, frame: Frame): Copy | undefined {
  const flags = readFlags(reading, node.flags[0], COPY_FLAGS);
  const files = readFiles(reading, node, { keyword: 'COPY', frame });
  if (files === undefined) return undefined;
  const own = {
    ...createOptionalMember('from', readFlagWord(reading, flags.from)),
    ...createOptionalMember('parents', flags.parents),
  };
  return { kind: 'copy', ...frame, ...files, ...readSharedFlags(reading, flags), ...own };
}

export function readAdd(reading: Reading, node: AddCstChildren, frame: Frame): Add | undefined {
  const flags = readFlags(reading, node.flags[0], ADD_FLAGS);
  const files = readFiles(reading, node, { keyword: 'ADD', frame });
  if (files === undefined) return undefined;
  return {
    kind: 'add',
    ...frame,
    ...files,
    ...readSharedFlags(reading, flags),
    ...createOptionalMember('checksum', readFlagWord(reading, flags.checksum)),
    ...createOptionalMember('keepGitDir', flags['keep-git-dir']),
    ...createOptionalMember('unpack', flags.unpack),
  };
}

interface SharedFlags {
  readonly chown: MappedText | undefined;
  readonly chmod: MappedText | undefined;
  readonly link: boolean | undefined;
  readonly exclude: readonly MappedText[];
}

function readSharedFlags(reading: Reading, flags: SharedFlags) {
  return {
    ...createOptionalMember('chown', readFlagWord(reading, flags.chown)),
    ...createOptionalMember('chmod', readFlagWord(reading, flags.chmod)),
    ...createOptionalMember('link', flags.link),
    excludes: flags.exclude.map((text) => readWord(reading, text)),
  };
}

type Files = Pick<Copy, 'sources' | 'destination'>;

function readFiles(
  reading: Reading,
  node: CopyCstChildren | AddCstChildren,
  { keyword, frame }: { readonly keyword: string; readonly frame: Frame },
): Files | undefined {
  const { ExecForm, Word: words = [] } = node.paths[0]!.children;
  const json = ExecForm?.[0] && { elements: getPayload(ExecForm[0]).elements, text: readTokenText(ExecForm[0]) };
  if (json?.elements === 'not-strings') return reportNotStrings(reading, findSpan(reading, json.text));
  const heredocs = (node.HeredocBody ?? []).map((token) => getPayload(token).heredoc!);
  const found = indexHeredocs(heredocs);
  const paths = json
    ? (json.elements ?? []).map(({ value, start, end }) => {
        const { start: from, end: to } = findTextRange(reading, slicePart(json.text, start, end));
        return {
          text: value,
          toSource: () => toPathSource(readWordAt(reading, value, { start: from.offset, end: to.offset })),
        };
      })
    : words.map((token) => {
        const text = readTokenText(token);
        return { text: text.text, toSource: () => readSource(reading, text, found) };
      });
  if (paths.length < 2) return reportTooFewPaths(reading, paths.length, { keyword, frame });
  if (!checkHeredocMarks(reading, heredocs, paths)) return undefined;
  const sources = paths.map(({ toSource }) => toSource());
  const destination = sources.pop()!;
  if (destination.kind === 'path') return { sources, destination: destination.word };
  const message = `\`${keyword}\` cannot write to a heredoc`;
  reportError(
    reading,
    { code: 'heredoc-destination', message, hint: 'write the destination as the last argument' },
    destination.heredoc.range,
  );
  return undefined;
}

/** The shell reads `<< EOF` and `<<"a b"` as one word, but paths end at a blank, so BuildKit would search for a file `<<`. */
function checkHeredocMarks(
  reading: Reading,
  heredocs: readonly HeredocText[],
  paths: readonly { readonly text: string }[],
): boolean {
  const texts = new Set(paths.map(({ text }) => text));
  const lost = heredocs.find(({ mark }) => !texts.has(mark.text));
  if (lost === undefined) return true;
  const hint = 'write `<<` and the name as one word without blanks';
  const fault = { code: 'split-heredoc', message: `heredoc \`${lost.mark.text}\` contains a blank`, hint };
  reportError(reading, fault, findTextRange(reading, lost.mark));
  return false;
}

interface HeredocIndex {
  /** By the offset of its mark in the source. */
  readonly byPlace: ReadonlyMap<number, HeredocText>;
  /** If a name is used twice, the last heredoc counts. */
  readonly byName: ReadonlyMap<string, HeredocText>;
}

function indexHeredocs(heredocs: readonly HeredocText[]): HeredocIndex {
  return {
    byPlace: new Map(heredocs.map((heredoc) => [heredoc.mark.pieces[0]!.from, heredoc])),
    byName: new Map(heredocs.map((heredoc) => [heredoc.name, heredoc])),
  };
}

/** A word that looks like a mark but has no heredoc (it follows an escaped blank) becomes a heredoc without content. */
function readSource(reading: Reading, text: MappedText, heredocs: HeredocIndex): CopySourceWord {
  const mark = parseHeredocMark(text.text);
  if (mark === undefined) return toPathSource(readWord(reading, text));
  const start = text.pieces[0]!.from;
  const found = heredocs.byPlace.get(start) ?? heredocs.byName.get(mark.name);
  if (found !== undefined) return { kind: 'heredoc', heredoc: readHeredoc(reading, found, { asFile: true }) };
  return { kind: 'heredoc', heredoc: { ...mark, mark: text.text, content: '', range: findTextRange(reading, text) } };
}

function toPathSource(word: Word): CopySourceWord {
  return { kind: 'path', word };
}

function reportTooFewPaths(
  reading: Reading,
  count: number,
  { keyword, frame }: { readonly keyword: string; readonly frame: Frame },
): undefined {
  const message =
    count === 0 ? `\`${keyword}\` needs a source and a destination` : `\`${keyword}\` needs a destination too`;
  reportError(
    reading,
    { code: 'missing-argument', message, hint: `write \`${keyword} source destination\`` },
    frame.range,
  );
}

function findSpan(reading: Reading, text: MappedText): { readonly start: number; readonly end: number } {
  const { start, end } = findTextRange(reading, text);
  return { start: start.offset, end: end.offset };
}
