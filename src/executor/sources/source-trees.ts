import type { FileTree } from '../../content/index.ts';
import type { BuildContext } from '../../context/index.ts';
import type { FileSource, StageId } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import { type Chain, chainOf } from '../chain.ts';
import type { ChainTrees, ContextAccess, LayerBytes } from '../services.ts';

/** Where the files of one source are: in a chain of layers, or in a context that is not stored as layers. */
export type OpenSource =
  | { readonly kind: 'chain'; readonly chain: Chain; readonly ready: () => Promise<void> }
  | { readonly kind: 'context'; readonly context: BuildContext };

/** Opens the sources of COPY, ADD and mounts within one build. */
export interface SourceTrees {
  open(source: FileSource): Promise<OpenSource>;
  /** Returns a listing that contains at least everything below the paths. */
  tree(source: FileSource, paths: readonly string[], call: Call): Promise<FileTree>;
  /** Returns why a stage changed since the last build, if the source is a stage and the reason is known. */
  cause(source: FileSource): Promise<string | undefined>;
}

/** Opens sources; `stage` waits for a stage to be built. */
export function sourceTrees(
  services: ChainTrees & Pick<ContextAccess, 'context'> & Pick<LayerBytes, 'ensureLayers'>,
  stage: (id: StageId) => Promise<{ readonly chain: Chain; readonly cause: string | undefined }>,
  call: Call,
): SourceTrees {
  const open = async (source: FileSource): Promise<OpenSource> => {
    switch (source.kind) {
      case 'context':
        return { kind: 'context', context: await services.context(source.context) };
      case 'stage':
        return { kind: 'chain', chain: (await stage(source.stage)).chain, ready: async () => {} };
      case 'image':
        return {
          kind: 'chain',
          chain: chainOf(source.image.layers),
          ready: () => services.ensureLayers(source.image, call),
        };
      case 'scratch':
        return { kind: 'chain', chain: chainOf([]), ready: async () => {} };
      default:
        return source satisfies never;
    }
  };
  return {
    open,
    cause: async (source) => (source.kind === 'stage' ? (await stage(source.stage)).cause : undefined),
    async tree(source, paths, callOfStep) {
      const opened = await open(source);
      if (opened.kind === 'context') return opened.context.scan(paths, callOfStep);
      await opened.ready();
      return services.treeOf(opened.chain, callOfStep);
    },
  };
}
