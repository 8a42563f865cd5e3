import { readBuildFileInput } from '../../docker-syntax/index.ts';
import type { StageQuestion } from '../../engine/authoring/index.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import type { Terminal } from '../terminal.ts';
import { completeWords } from './complete.ts';
import { formatCompletion } from './completion.ts';
import type { ValueSources } from './values.ts';

/** Runs `mkimage __complete -- WORD…`, which the shell scripts call. The last word is the one that is being typed. */
export async function printCompletion(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const words = args[0] === '--' ? args.slice(1) : args;
  terminal.stdout.write(formatCompletion(await completeWords(words, createMachineSources(terminal))));
  return EXIT_CODE.done;
}

/** Reads names from the store and the build file. Errors give an empty list, because a message would disturb the command line. */
function createMachineSources(terminal: Terminal): ValueSources {
  const ignoreFailure = async (names: () => Promise<readonly string[]>) => names().catch(() => []);
  return {
    images: () =>
      ignoreFailure(async () => {
        await using services = await openEngine(terminal);
        const { listImages } = await import('../../engine/images/images.ts');
        const found = await listImages(services, { filter: undefined, dangling: false });
        return found.flatMap(({ repository, tag }) => (repository === undefined ? [] : [`${repository}:${tag}`]));
      }),
    containers: () =>
      ignoreFailure(async () => {
        await using services = await openEngine(terminal);
        const { listContainers } = await import('../../engine/containers/list.ts');
        const found = await listContainers(services, { all: true, filters: {}, size: false });
        return found.flatMap(({ Names }) => Names.map((name) => name.slice(1)));
      }),
    cacheMounts: () =>
      ignoreFailure(async () => {
        await using services = await openEngine(terminal);
        const { listCacheMounts } = await import('../../engine/state/cache-mounts.ts');
        return [...new Set(listCacheMounts(services).map(({ id }) => id))];
      }),
    stages: (words) =>
      ignoreFailure(async () => {
        const { listStageNames } = await import('../../engine/authoring/stage-names.ts');
        return listStageNames(findBuildFile(words, terminal.cwd()));
      }),
  };
}

/** Finds the build file of `-f`. */
function findBuildFile(words: readonly string[], cwd: string): StageQuestion {
  const at = words.findLastIndex((word) => /^(-f|--file)$/.test(word));
  const attached = words.find((word) => /^--file=/.test(word))?.slice('--file='.length);
  const file = attached ?? (at === -1 ? undefined : words[at + 1]);
  return { context: cwd, file: file === undefined ? undefined : readBuildFileInput(file), cwd };
}
