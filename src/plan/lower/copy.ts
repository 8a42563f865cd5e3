import type { Add, Copy, Heredoc, Word } from '../../instructions/index.ts';
import { removeCredentials } from '../../oci/index.ts';
import type { CopySource, CopyStep } from '../build-plan.ts';
import { checkCopyIgnoredFile } from '../rules/copy-ignored-file.ts';
import { classifySource, type GitOptions } from '../stages/remote-source.ts';
import { Fault } from '../words/fault.ts';
import { resolveCopyDestination, toRootRelative } from '../words/paths.ts';
import { createLayerHistory } from './build-history.ts';
import { checkChecksum, checkMode, checkOwner } from './copy-flags.ts';
import { checkNoNul, checkPath } from './kernel-limits.ts';
import { createStepBase, evaluateWord, type Lowering } from './lowering.ts';
import { type StageState, withStep } from './stage-state.ts';
import { formatFileStepName } from './step-name.ts';

/** The evaluated words of a COPY or ADD. */
interface CopyWords {
  readonly chown: string | undefined;
  readonly chmod: string | undefined;
  readonly checksum: string | undefined;
  readonly paths: readonly string[];
  readonly inline: readonly { readonly name: string; readonly content: string }[];
  readonly destination: string;
  /** The value of each word, for the name of the step. */
  readonly values: ReadonlyMap<Word, string>;
}

export function lowerCopy(instruction: Copy | Add, state: StageState, lowering: Lowering): StageState {
  const words = evaluateCopyWords(instruction, state, lowering);
  const link = instruction.link ?? false;
  const parents = instruction.kind === 'copy' && (instruction.parents ?? false);
  if (words.chown !== undefined && link) checkOwner(words.chown);
  if (words.chmod !== undefined) checkMode(words.chmod);
  if (words.checksum !== undefined) checkChecksum(words.checksum, words.paths);
  const destination = resolveCopyDestination(state.config.WorkingDir ?? '', words.destination);
  checkPath(destination, 'the destination');
  for (const path of words.paths) checkNoNul(path, 'a source');
  const sources = words.paths.map((path) => lowerPathSource(path, lowering, { instruction, parents }));
  const git = mergeGitOptions(instruction, words, sources);
  const step: CopyStep = {
    kind: 'copy',
    ...createStepBase(formatFileStepName(instruction.source, words.values), lowering),
    history: createLayerHistory(formatCreatedBy(instruction, words, parents)),
    instruction: instruction.kind === 'copy' ? 'COPY' : 'ADD',
    from: lowering.sources[0] ?? { kind: 'context', context: '' },
    sources: [
      ...sources.map(({ source }) => source),
      ...words.inline.map(({ name, content }) => ({ kind: 'inline', name, content }) as const),
    ],
    destination,
    chown: words.chown,
    chmod: words.chmod,
    link,
    parents,
    // Not expanded, as in BuildKit.
    excludes: instruction.excludes.map(({ raw }) => raw),
    ...git,
    unpack: instruction.kind === 'copy' ? false : instruction.unpack,
  };
  return withStep(state, step);
}

function evaluateCopyWords(instruction: Copy | Add, state: StageState, lowering: Lowering): CopyWords {
  const values = new Map<Word, string>();
  const read = (word: Word) => {
    const value = evaluateWord(word, state, lowering);
    values.set(word, value);
    return value;
  };
  const readOptional = (word: Word | undefined) => (word && read(word)) || undefined;
  const chown = readOptional(instruction.chown);
  const chmod = readOptional(instruction.chmod);
  const checksum = instruction.kind === 'add' ? readOptional(instruction.checksum) : undefined;
  const paths = instruction.sources.flatMap((source) => (source.kind === 'path' ? [read(source.word)] : []));
  const destination = read(instruction.destination);
  const inline = instruction.sources.flatMap((source) =>
    source.kind === 'heredoc' ? [evaluateInlineFile(source.heredoc, state, lowering)] : [],
  );
  return { chown, chmod, checksum, paths, inline, destination, values };
}

function evaluateInlineFile(heredoc: Heredoc, state: StageState, lowering: Lowering) {
  const content = heredoc.body ? evaluateWord(heredoc.body, state, lowering) : heredoc.content;
  return { name: heredoc.name, content };
}

interface LoweredSource {
  readonly source: CopySource;
  readonly git?: GitOptions;
}

function lowerPathSource(
  text: string,
  lowering: Lowering,
  { instruction, parents }: { readonly instruction: Copy | Add; readonly parents: boolean },
): LoweredSource {
  const classified = classifySource(text);
  if (classified.kind !== 'path') {
    if (instruction.kind === 'add') return lowerRemoteSource(text, classified);
    const what = classified.kind === 'git' ? 'a git ref' : 'a URL';
    throw new Fault('remote-copy', `source can't be ${what} for COPY`, { hint: `use \`ADD ${text} …\`` });
  }
  const { isIgnored } = lowering.request;
  const name = instruction.kind === 'copy' ? 'COPY' : 'ADD';
  if (isIgnored && !lowering.sources[0]) checkCopyIgnoredFile(name, text, { ...lowering, isIgnored });
  return { source: { kind: 'path', pattern: parents ? cleanPivotPath(text) : toRootRelative(text) } };
}

function lowerRemoteSource(
  url: string,
  classified: Exclude<ReturnType<typeof classifySource>, { kind: 'path' }>,
): LoweredSource {
  if (classified.kind === 'http') return { source: { kind: 'http', url } };
  return { source: { kind: 'git', url }, git: classified.options };
}

/** Cleans the paths before and after the first `/./` separately. */
function cleanPivotPath(text: string): string {
  const at = text.indexOf('/./');
  return at < 0 ? toRootRelative(text) : `${toRootRelative(text.slice(0, at))}/./${toRootRelative(text.slice(at + 3))}`;
}

/** Flags and the query of a git URL must not contradict each other. */
function mergeGitOptions(
  instruction: Copy | Add,
  words: CopyWords,
  sources: readonly LoweredSource[],
): Pick<CopyStep, 'keepGitDir' | 'checksum'> {
  const flag = instruction.kind === 'add' ? instruction.keepGitDir : undefined;
  const queries = sources.flatMap(({ git }) => (git ? [git] : []));
  const keep = new Set([flag, ...queries.map((git) => git.keepGitDir)].filter((value) => value !== undefined));
  if (keep.size > 1) throw new Fault('inconsistent-git-options', 'inconsistent keep-git-dir configuration');
  const checksums = new Set(
    [words.checksum, ...queries.map((git) => git.checksum)].filter((value) => value !== undefined),
  );
  const [first, second] = checksums;
  if (second !== undefined)
    throw new Fault('inconsistent-git-options', `checksum mismatch: \`${first}\` and \`${second}\``);
  return { keepGitDir: keep.has(true), checksum: first };
}

function formatCreatedBy(instruction: Copy | Add, words: CopyWords, parents: boolean): string {
  return [
    instruction.kind.toUpperCase(),
    ...(parents ? ['--parents'] : []),
    ...(words.chown === undefined ? [] : [`--chown=${words.chown}`]),
    ...(words.chmod === undefined ? [] : [`--chmod=${words.chmod}`]),
    ...words.paths.map(removeCredentials),
    ...words.inline.map(({ name }) => `<<${name}`),
    words.destination,
    '# buildkit',
  ].join(' ');
}
