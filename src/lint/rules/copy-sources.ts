/** Checks of COPY and ADD: which of the two to use, sources and destinations. */
import type { Add, Copy, CopySourceWord, Instruction, Word } from '../../instructions/index.ts';
import { findNearestName } from '../../plan/index.ts';
import { type LintFile, type LintStage, listWithTriggers } from '../lint-file.ts';
import { type Hit, type LintRule, pageOf } from '../rule.ts';
import { readLiteral } from './base-image-tag.ts';

function instructionsOf({ stages }: LintFile): readonly Instruction[] {
  return stages.flatMap(({ source }) => [...listWithTriggers(source.instructions)]);
}

const REMOTE = /^(?:https?|ftp|git|ssh|oci):\/\/|^git@|\.git(?:#.*)?$/i;
const ARCHIVE = /\.(?:tar|tgz|tbz2?|txz|tzst|tlz|gz|bz2|xz|zst|lz|lzma|Z)$|[*?]$/i;

export const AddInsteadOfCopy: LintRule = {
  name: 'AddInsteadOfCopy',
  code: 'DL3020',
  description: 'Copy files with COPY; use ADD for archives and URLs',
  url: pageOf('AddInsteadOfCopy'),
  *find(file) {
    for (const instruction of instructionsOf(file)) {
      if (instruction.kind !== 'add' || !couldBeCopy(instruction)) continue;
      const { keyword, range } = instruction;
      const wanted = keyword === keyword.toLowerCase() ? 'copy' : 'COPY';
      const edit = { range: file.source.line(instruction).toRange(0, keyword.length), text: wanted };
      const fixes = [{ title: `write \`${wanted}\``, edits: [edit] }];
      yield { instruction, detail: '`ADD` only copies here: write `COPY`', range, fixes };
    }
  },
};

/** Recognizes archives by their names. Sources with variables or patterns are not reported, because their files are unknown. */
function couldBeCopy({ sources, checksum, keepGitDir, unpack }: Add): boolean {
  if (checksum || keepGitDir !== undefined || unpack !== undefined) return false;
  return sources.every((source) => {
    const text = source.kind === 'path' ? readLiteral(source.word) : '';
    return text !== undefined && !REMOTE.test(text) && !ARCHIVE.test(text);
  });
}

export const CopyToFileName: LintRule = {
  name: 'CopyToFileName',
  code: 'DL3021',
  description: 'End the destination of several sources with `/`',
  url: pageOf('CopyToFileName'),
  *find(file) {
    for (const instruction of instructionsOf(file)) {
      if ((instruction.kind !== 'copy' && instruction.kind !== 'add') || instruction.sources.length < 2) continue;
      const { destination, range } = instruction;
      const last = destination.parts.at(-1);
      if (last?.kind !== 'text' || /(?:^|\/)\.{0,2}$/.test(last.text)) continue;
      yield {
        instruction,
        detail: `several sources go to \`${destination.raw}\`: write \`${destination.raw}/\``,
        range,
      };
    }
  },
};

export const CopyWholeFilesystem: LintRule = {
  name: 'CopyWholeFilesystem',
  code: 'DL3067',
  description: 'Copy only the needed files from another stage',
  url: pageOf('CopyWholeFilesystem'),
  *find({ stages }) {
    for (const { source: stage } of stages) {
      // On `scratch`, copying a whole stage is the usual way to get an image of one layer.
      if (stage.from.image.raw === 'scratch') continue;
      for (const instruction of stage.instructions) {
        if (instruction.kind !== 'copy' || !instruction.from || readLiteral(instruction.destination) !== '/') continue;
        const isRoot = (source: CopySourceWord) =>
          source.kind === 'path' && /^\/\*?$/.test(readLiteral(source.word) ?? '');
        if (!instruction.sources.some(isRoot)) continue;
        if (!isBuildStage(stages, instruction.from.raw)) continue;
        const detail = `all of \`${instruction.from.raw}\` is copied over this stage`;
        yield { instruction, detail, range: instruction.range };
      }
    }
  },
};

/**
 * True for a stage that runs or copies something on a base image, or for an unknown name that looks like a stage. Images of
 * tools and stages based on `scratch` are excluded: they are intended to be copied over other stages.
 */
function isBuildStage(stages: readonly LintStage[], name: string): boolean {
  const isIt = ({ source }: LintStage) => source.name === name.toLowerCase() || String(source.id) === name;
  const found = stages.findLast(isIt);
  if (!found) return !/^\d*$|[$/:@]/.test(name);
  let root = found;
  while (root.base) root = root.base;
  const works = found.source.instructions.some(({ kind }) => kind === 'run' || kind === 'copy' || kind === 'add');
  return works && root.source.from.image.raw !== 'scratch';
}

export const UnknownCopySource: LintRule = {
  name: 'UnknownCopySource',
  code: 'DL3022',
  description: 'Copy from a stage, or from an image with a tag',
  url: pageOf('UnknownCopySource'),
  *find(file) {
    const known: string[] = [];
    for (const { source } of file.stages) {
      // The stage itself is added first: the plan reports a stage that copies from itself.
      if (source.name !== undefined) known.push(source.name);
      for (const instruction of listWithTriggers(source.instructions)) {
        for (const word of sourcesOf(instruction)) yield* findUnknownSource(instruction, file, { word, stages: known });
      }
    }
  },
};

function sourcesOf(instruction: Instruction): readonly Word[] {
  if (instruction.kind === 'copy') return instruction.from ? [instruction.from] : [];
  if (instruction.kind !== 'run') return [];
  return instruction.mounts.flatMap(({ options }) =>
    options.flatMap(({ key, value }) => (key === 'from' && value ? [value] : [])),
  );
}

function* findUnknownSource(
  instruction: Copy | Instruction,
  { contexts, stages: all }: LintFile,
  { word, stages }: { readonly word: Word; readonly stages: readonly string[] },
): Iterable<Hit> {
  const name = readLiteral(word);
  if (name === undefined || /^\d*$|[/:@]/.test(name) || name === 'scratch') return;
  if (stages.includes(name.toLowerCase()) || contexts.has(name)) return;
  const similar = findNearestName(name, stages);
  const hint = similar === undefined ? '' : ` (did you mean \`${similar}\`?)`;
  const isLater = all.some(({ source }) => source.name === name.toLowerCase());
  const what = isLater ? 'is a later stage' : 'is not a stage';
  const detail = `\`${name}\` ${what}, which means the image \`${name}:latest\`${hint}`;
  const fixes = similar === undefined ? {} : { fixes: [rename(word, similar)] };
  yield { instruction, detail, range: word.range, ...fixes };
}

function rename(word: Word, name: string) {
  return { title: `write \`${name}\``, edits: [{ range: word.range, text: name }] };
}
