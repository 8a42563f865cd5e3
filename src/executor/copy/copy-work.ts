/** COPY and ADD: finds the files of the sources, makes the cache key of them, and writes the layer. */
import { join } from 'node:path';
import type { KeyPart } from '../../cache/index.ts';
import { type FileTree, once } from '../../content/index.ts';
import { type Layer, removeCredentials } from '../../oci/index.ts';
import type { CopySource, CopyStep } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import { Disposals } from '../disposals.ts';
import { copyParts } from '../key-parts.ts';
import { directoryTime, sealNonEmpty, secondsNow } from '../seal.ts';
import type { ChainTrees, Clock, ContextAccess, LayerOutput, RemoteAccess, StepFolders } from '../services.ts';
import { type ListingMemory, listingPart } from '../sources/listing-part.ts';
import type { SourceTrees } from '../sources/source-trees.ts';
import type { StepPlace, Work } from '../stage-run.ts';
import { type CopyTarget, copyItem } from './copy.ts';
import { missingCopySource, throughLink } from './copy-source-fault.ts';
import { realChanges } from './drop-unchanged.ts';
import { EMPTY_TREE } from './empty-tree.ts';
import { fileTree } from './inline-tree.ts';
import { linkOnTheWay, type Selected, scanRoot, selectFiles } from './named-files.ts';
import { ownerOf } from './owner.ts';
import { Staging } from './staging.ts';
import { unpackArchive } from './unpack.ts';

/** What COPY and ADD steps need from the executor. */
export interface CopyRun {
  readonly services: ChainTrees &
    LayerOutput &
    RemoteAccess &
    Clock &
    Pick<ContextAccess, 'describeMissing'> &
    Pick<StepFolders, 'scratch'> &
    ListingMemory['services'];
  readonly sources: Pick<SourceTrees, 'open' | 'tree'>;
  readonly epoch: number | undefined;
  readonly call: Call;
}

/** One source of the instruction with the files that it selects. */
interface ReadySource {
  readonly tree: FileTree;
  readonly selected: readonly Selected[];
  readonly unpack: boolean;
  /** The source as the user wrote it. */
  readonly shown: string;
  /** Identifies the content if the file listing does not: a commit id, or the digest of a download. */
  readonly identity: string | undefined;
}

export function copyWork(run: CopyRun, place: Pick<StepPlace, 'chain'>, step: CopyStep): Work {
  const held = new Disposals();
  const ready = once(() => readySources(run, step, held));
  return {
    parts: copyParts(step),
    shortcut: () => chainPart(run, step),
    content: async () => contentParts(run, step, await ready()),
    onParent: !isLinked(step),
    run: async (settle) => settle(await writeLayer(run, place, { step, sources: await ready(), held })),
    end: () => held.dispose(),
  };
}

/**
 * `--link` with `--chmod` is an ordinary copy, as in BuildKit: otherwise directories of the base would get that mode.
 */
function isLinked({ link, chmod }: CopyStep): boolean {
  return link && chmod === undefined;
}

/** The chain id of a stage identifies its files, so the cache can be asked before the files are listed. */
async function chainPart(run: CopyRun, step: CopyStep): Promise<readonly KeyPart[] | undefined> {
  if (step.sources.some((source) => source.kind !== 'path')) return undefined;
  const source = await run.sources.open(step.from);
  return source.kind === 'chain' ? [{ name: 'files of chain', value: source.chain.id }] : undefined;
}

async function contentParts(
  run: CopyRun,
  step: CopyStep,
  sources: readonly ReadySource[],
): Promise<readonly KeyPart[]> {
  const parts: KeyPart[] = [];
  for (const source of sources) {
    const name = `files ${step.instruction} ${source.shown}`;
    if (source.identity !== undefined) parts.push({ name, value: source.identity });
    else
      parts.push(
        await listingPart(run, name, {
          tree: source.tree,
          files: source.selected,
          owners: step.from.kind !== 'context',
        }),
      );
  }
  return parts;
}

async function readySources(run: CopyRun, step: CopyStep, held: Disposals): Promise<readonly ReadySource[]> {
  const paths = step.sources.flatMap((source) =>
    source.kind === 'path' ? [scanRoot(source.pattern, step.parents)] : [],
  );
  const tree = paths.length === 0 ? EMPTY_TREE : await run.sources.tree(step.from, paths, run.call);
  const ready: ReadySource[] = [];
  for (const source of step.sources) ready.push(await readySource(run, source, { step, tree, held }));
  return ready;
}

interface SourceInputs {
  readonly step: CopyStep;
  readonly tree: FileTree;
  readonly held: Disposals;
}

async function readySource(run: CopyRun, source: CopySource, { step, tree, held }: SourceInputs): Promise<ReadySource> {
  const unpack = step.instruction === 'ADD' && (step.unpack ?? source.kind === 'path');
  switch (source.kind) {
    case 'path':
      return { ...(await selectedFiles(run, step, { tree, pattern: source.pattern })), unpack };
    case 'inline': {
      const inline = fileTree(source.name, Buffer.from(source.content), secondsNow(run));
      const selected = [{ path: source.name, name: source.name }];
      return { tree: inline, selected, unpack: false, shown: `<<${source.name}`, identity: source.content };
    }
    case 'http': {
      const file = held.use(await run.services.remote.http(source.url, step.checksum, run.call));
      const { tree: fetched, identity } = file;
      return { tree: fetched, selected: [file], unpack, shown: removeCredentials(source.url), identity };
    }
    case 'git': {
      const { keepGitDir, checksum } = step;
      const checkout = held.use(await run.services.remote.git(source.url, { keepGitDir, checksum }, run.call));
      const selected = selectFiles(checkout.tree, checkout.path, step) ?? [];
      const { tree: fetched, identity } = checkout;
      return { tree: fetched, selected, unpack: false, shown: removeCredentials(source.url), identity };
    }
    default:
      return source satisfies never;
  }
}

/** Files of a context. Throws `not-found` if there is none, with what is like it. */
async function selectedFiles(
  { call, services }: CopyRun,
  step: CopyStep,
  { tree, pattern }: { readonly tree: FileTree; readonly pattern: string },
): Promise<Omit<ReadySource, 'unpack'>> {
  const selected = selectFiles(tree, pattern, step);
  if (!selected) throw await missingCopySource(services, step, { tree, path: pattern });
  const link = step.parents ? linkOnTheWay(tree, pattern) : undefined;
  if (link !== undefined) call.report({ type: 'warning', message: throughLink(pattern, link).message });
  return { tree, selected, shown: pattern || '.', identity: undefined };
}

interface LayerInputs {
  readonly step: CopyStep;
  readonly sources: readonly ReadySource[];
  readonly held: Disposals;
}

async function writeLayer(
  run: CopyRun,
  place: Pick<StepPlace, 'chain'>,
  { step, sources, held }: LayerInputs,
): Promise<Layer | null> {
  const { services, call } = run;
  const below = readsBase(step) ? await services.treeOf(place.chain, call) : EMPTY_TREE;
  const base = isLinked(step) ? EMPTY_TREE : below;
  const staging = new Staging(base);
  const owner = step.chown === undefined ? undefined : await ownerOf(below, step.chown, call);
  const { destination, chmod } = step;
  const target: CopyTarget = { staging, destination, owner, chmod, now: directoryTime(run) };
  for (const [index, source] of sources.entries()) {
    for (const selected of source.selected) {
      if (source.unpack && (await unpackSelected(run, target, { source, selected, held }))) continue;
      copyItem(target, { ...selected, tree: source.tree, label: String(index) });
    }
  }
  return sealNonEmpty(run, await realChanges(staging, base, run.epoch));
}

/** The files below decide about destinations, except for `--link`, and about the ids of owners that are named. */
function readsBase(step: CopyStep): boolean {
  return !isLinked(step) || /[^\d:]/.test(step.chown ?? '');
}

interface ArchiveSource {
  readonly source: ReadySource;
  readonly selected: Selected;
  readonly held: Disposals;
}

/** Returns true if the file was an archive and is now unpacked at the destination. */
async function unpackSelected(
  run: CopyRun,
  target: CopyTarget,
  { source, selected, held }: ArchiveSource,
): Promise<boolean> {
  if (source.tree.stat(selected.path)?.type !== 'file') return false;
  const location = await source.tree.locate(selected.path);
  const archive = await unpackArchive(target, location, {
    scratch: join(run.services.scratch, 'unpack'),
    call: run.call,
  });
  if (archive) held.use(archive);
  return archive !== undefined;
}
