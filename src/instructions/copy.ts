/** COPY and ADD. */
import {
  type AddCstChildren,
  type CopyCstChildren,
  type HeredocText,
  heredocMark,
  type MappedText,
  payloadOf,
  slicePart,
  textOf,
} from '#grammar';
import { notStrings } from './command.ts';
import { flagWord, readFlags } from './flags.ts';
import { readHeredoc } from './heredoc.ts';
import type { Add, Copy, CopySourceWord, Word } from './instruction.ts';
import { type Frame, given, type Reading, rangeOfText, reportError, wordAt, wordOf } from './reading.ts';

const SHARED = { chown: 'text', chmod: 'text', link: 'switch', exclude: 'texts' } as const;
const COPY_FLAGS = { ...SHARED, from: 'text', parents: 'switch' } as const;
const ADD_FLAGS = { ...SHARED, checksum: 'text', 'keep-git-dir': 'switch', unpack: 'switch' } as const;

export function readCopy(reading: Reading, node: CopyCstChildren, frame: Frame): Copy | undefined {
  const flags = readFlags(reading, node.flags[0], COPY_FLAGS);
  const files = readFiles(reading, node, 'COPY', frame);
  if (files === undefined) return undefined;
  const own = { ...given('from', flagWord(reading, flags.from)), ...given('parents', flags.parents) };
  return { kind: 'copy', ...frame, ...files, ...sharedFlags(reading, flags), ...own };
}

export function readAdd(reading: Reading, node: AddCstChildren, frame: Frame): Add | undefined {
  const flags = readFlags(reading, node.flags[0], ADD_FLAGS);
  const files = readFiles(reading, node, 'ADD', frame);
  if (files === undefined) return undefined;
  return {
    kind: 'add',
    ...frame,
    ...files,
    ...sharedFlags(reading, flags),
    ...given('checksum', flagWord(reading, flags.checksum)),
    ...given('keepGitDir', flags['keep-git-dir']),
    ...given('unpack', flags.unpack),
  };
}

interface SharedFlags {
  readonly chown: MappedText | undefined;
  readonly chmod: MappedText | undefined;
  readonly link: boolean | undefined;
  readonly exclude: readonly MappedText[];
}

function sharedFlags(reading: Reading, flags: SharedFlags) {
  return {
    ...given('chown', flagWord(reading, flags.chown)),
    ...given('chmod', flagWord(reading, flags.chmod)),
    ...given('link', flags.link),
    excludes: flags.exclude.map((text) => wordOf(reading, text)),
  };
}

type Files = Pick<Copy, 'sources' | 'destination'>;

function readFiles(
  reading: Reading,
  node: CopyCstChildren | AddCstChildren,
  keyword: string,
  frame: Frame,
): Files | undefined {
  const { ExecForm, Word: words = [] } = node.paths[0]!.children;
  const json = ExecForm?.[0] && { elements: payloadOf(ExecForm[0]).elements, text: textOf(ExecForm[0]) };
  if (json?.elements === 'not-strings') return notStrings(reading, spanOf(reading, json.text));
  const heredocs = (node.HeredocBody ?? []).map((token) => payloadOf(token).heredoc!);
  const found = findable(heredocs);
  const paths = json
    ? (json.elements ?? []).map(({ value, start, end }) => {
        const { start: from, end: to } = rangeOfText(reading, slicePart(json.text, start, end));
        return { text: value, asSource: () => pathOf(wordAt(reading, value, { start: from.offset, end: to.offset })) };
      })
    : words.map((token) => {
        const text = textOf(token);
        return { text: text.text, asSource: () => readSource(reading, text, found) };
      });
  if (paths.length < 2) return tooFew(reading, keyword, paths.length, frame);
  if (!everyHeredocIsNamed(reading, heredocs, paths)) return undefined;
  const sources = paths.map(({ asSource }) => asSource());
  const destination = sources.pop()!;
  if (destination.kind === 'path') return { sources, destination: destination.word };
  const message = `\`${keyword}\` cannot write to a heredoc`;
  reportError(
    reading,
    { code: 'heredoc-destination', message, hint: 'name the destination last' },
    destination.heredoc.range,
  );
  return undefined;
}

/** The shell reads `<< EOF` and `<<"a b"` as one word, but paths end at a blank: BuildKit then looks for a file `<<`. */
function everyHeredocIsNamed(
  reading: Reading,
  heredocs: readonly HeredocText[],
  paths: readonly { readonly text: string }[],
): boolean {
  const texts = new Set(paths.map(({ text }) => text));
  const lost = heredocs.find(({ mark }) => !texts.has(mark.text));
  if (lost === undefined) return true;
  const hint = 'write `<<`, and the name without blanks, as one word';
  const fault = { code: 'split-heredoc', message: `heredoc \`${lost.mark.text}\` has a blank in it`, hint };
  reportError(reading, fault, rangeOfText(reading, lost.mark));
  return false;
}

interface FoundHeredocs {
  /** By where the word that announces it begins. */
  readonly byPlace: ReadonlyMap<number, HeredocText>;
  /** The last one of each name. */
  readonly byName: ReadonlyMap<string, HeredocText>;
}

function findable(heredocs: readonly HeredocText[]): FoundHeredocs {
  return {
    byPlace: new Map(heredocs.map((heredoc) => [heredoc.mark.pieces[0]!.from, heredoc])),
    byName: new Map(heredocs.map((heredoc) => [heredoc.name, heredoc])),
  };
}

/** A word that reads like a heredoc but was not one in its line (it follows an escaped blank) is a heredoc without text. */
function readSource(reading: Reading, text: MappedText, heredocs: FoundHeredocs): CopySourceWord {
  const mark = heredocMark(text.text);
  if (mark === undefined) return pathOf(wordOf(reading, text));
  const start = text.pieces[0]!.from;
  const found = heredocs.byPlace.get(start) ?? heredocs.byName.get(mark.name);
  if (found !== undefined) return { kind: 'heredoc', heredoc: readHeredoc(reading, found, { asFile: true }) };
  return { kind: 'heredoc', heredoc: { ...mark, mark: text.text, content: '', range: rangeOfText(reading, text) } };
}

function pathOf(word: Word): CopySourceWord {
  return { kind: 'path', word };
}

function tooFew(reading: Reading, keyword: string, count: number, frame: Frame): undefined {
  const message =
    count === 0 ? `\`${keyword}\` needs a source and a destination` : `\`${keyword}\` needs a destination too`;
  reportError(
    reading,
    { code: 'missing-argument', message, hint: `write \`${keyword} source destination\`` },
    frame.range,
  );
}

function spanOf(reading: Reading, text: MappedText): { readonly start: number; readonly end: number } {
  const { start, end } = rangeOfText(reading, text);
  return { start: start.offset, end: end.offset };
}
