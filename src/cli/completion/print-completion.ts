import { readBuildFileInput } from '../../docker-syntax/index.ts';
import type { StageQuestion } from '../../engine/authoring/stage-names.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import type { Terminal } from '../terminal.ts';
import { completeWords } from './complete.ts';
import { completionText } from './completion.ts';
import type { ValueSources } from './values.ts';

/** `mkimage __complete -- WORD…`: what the scripts of shells ask. The last word is the one that is being typed. */
export async function printCompletion(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const words = args[0] === '--' ? args.slice(1) : args;
  terminal.stdout.write(completionText(await completeWords(words, machineSources(terminal))));
  return EXIT_CODE.done;
}

/** Names from the store and the build file. A store that cannot be read has no names: a person is typing, errors would be noise. */
function machineSources(terminal: Terminal): ValueSources {
  const orNone = async (names: () => Promise<readonly string[]>) => names().catch(() => []);
  return {
    images: () =>
      orNone(async () => {
        await using services = await openEngine(terminal);
        const { listImages } = await import('../../engine/images/images.ts');
        const found = await listImages(services, { filter: undefined, dangling: false });
        return found.flatMap(({ repository, tag }) => (repository === undefined ? [] : [`${repository}:${tag}`]));
      }),
    cacheMounts: () =>
      orNone(async () => {
        await using services = await openEngine(terminal);
        const { listCacheMounts } = await import('../../engine/state/cache-mounts.ts');
        return [...new Set(listCacheMounts(services).map(({ id }) => id))];
      }),
    stages: (words) =>
      orNone(async () => {
        const { listStageNames } = await import('../../engine/authoring/stage-names.ts');
        return listStageNames(buildFileIn(words, terminal.cwd()));
      }),
  };
}

/** The context and `-f` as far as they are typed. */
function buildFileIn(words: readonly string[], cwd: string): StageQuestion {
  const at = words.findLastIndex((word) => /^(-f|--file)$/.test(word));
  const attached = words.find((word) => /^--file=/.test(word))?.slice('--file='.length);
  const file = attached ?? (at === -1 ? undefined : words[at + 1]);
  return { context: cwd, file: file === undefined ? undefined : readBuildFileInput(file), cwd };
}
