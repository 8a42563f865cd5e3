/**
 * `--link`: the layer is made on nothing, so that it fits on any base. Of the base it repeats only the attributes of
 * directories on the way to its destination: a `/tmp` of mode 1777 would not be one any more otherwise.
 */
import type { KeyPart } from '../cache/index.ts';
import { ancestorsOf, cleanPath, type FileTree } from '../content/index.ts';
import { canonicalJson } from '../oci/index.ts';
import type { CopyStep } from '../plan/index.ts';
import type { StageRun, StepPlace, Work } from './step.ts';

/** `--chmod` makes it an ordinary copy, as in BuildKit. */
export function isLinked({ link, chmod }: Pick<CopyStep, 'link' | 'chmod'>): boolean {
  return link && chmod === undefined;
}

interface Parts {
  /** Names the files of a stage by its chain. */
  readonly cheap: Work['shortcut'];
  readonly content: Work['content'];
}

/**
 * The key of a linked copy. The base's chain stands for the base's directories as long as it is the same; only for another base
 * are they looked at.
 */
export function linkKey(
  run: StageRun,
  place: StepPlace,
  step: CopyStep,
  { cheap, content }: Parts,
): Pick<Work, 'shortcut' | 'content' | 'onParent'> {
  if (place.chain.layers.length === 0) return { shortcut: cheap, content, onParent: false };
  // With `--parents` the way to each file is a way through the base.
  if (step.parents) return { shortcut: cheap, content, onParent: true };
  return {
    shortcut: async () => [...((await cheap()) ?? (await content())), { name: 'base', value: place.chain.id }],
    content: async () => [
      ...(await content()),
      ...directoryParts(await run.services.treeOf(place.chain, run.call), step.destination),
    ],
    onParent: false,
  };
}

/** The directories of the base on the way to the destination, and it itself if it is one. */
function directoryParts(base: FileTree, destination: string): readonly KeyPart[] {
  const path = cleanPath(destination);
  const entries = [...ancestorsOf(path), path].filter((each) => each !== '').map((each) => base.stat(each));
  const directories = entries.flatMap((entry) =>
    entry?.type === 'directory' ? [[entry.path, entry.mode, entry.uid, entry.gid]] : [],
  );
  return directories.length === 0 ? [] : [{ name: 'directories of the base', value: canonicalJson(directories) }];
}
