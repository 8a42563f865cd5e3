/** Checks for caches of package managers that stay in a layer without any use. */
import type { LintFile, LintStage } from '../../lint-file.ts';
import { type LintRule, pageOf } from '../../rule.ts';
import type { RunScript } from '../../run-script.ts';
import { findSubcommand, hasFlag } from '../../shell/arguments.ts';
import type { ShellCommand } from '../../shell/commands.ts';
import { Memory } from '../memory.ts';
import {
  createCommandHit,
  createFlagFix,
  hasCommand,
  hasRemoval,
  listRunCommands,
  listScratchMounts,
  type RunCommand,
} from '../run-commands.ts';
import { isVariableSet } from '../variables.ts';
import { APK, APT, DNF, installationOf, type PackageManager, PIP, YUM, ZYPPER } from './manager.ts';

/** Commands of stages whose layers are part of the final image. Files of other stages are discarded. */
function* listKeptCommands(file: LintFile): Iterable<RunCommand> {
  for (const where of listRunCommands(file)) if (where.stage.isKept) yield where;
}

function isMounted({ run }: RunCommand, pattern: RegExp): boolean {
  return listScratchMounts(run).some((target) => pattern.test(target));
}

export const AptListsKept: LintRule = {
  name: 'AptListsKept',
  code: 'DL3009',
  description: 'Remove the package lists in the instruction that fetches them',
  url: pageOf('AptListsKept'),
  *find(file) {
    for (const where of listKeptCommands(file)) {
      const { name, args } = where.command;
      if (!/^apt(?:-get)?$/.test(name) || findSubcommand(args) !== 'update') continue;
      if (hasRemoval(where.run, /^\/var\/lib\/(?:apt|\{.*apt|\*)/) || isMounted(where, /^\/var\/lib\/apt\b/)) continue;
      yield createCommandHit(where, 'the package lists stay in the image: end with `rm -rf /var/lib/apt/lists/*`');
    }
  },
};

export const AptRecommends: LintRule = {
  name: 'AptRecommends',
  code: 'DL3015',
  description: 'Install with `--no-install-recommends`, and name the needed packages',
  url: pageOf('AptRecommends'),
  *find(file) {
    for (const where of listKeptCommands(file)) {
      const installation = installationOf(where.command, APT);
      if (!installation || installation.packages.length === 0 || where.command.name === 'aptitude') continue;
      if (hasFlag(where.command, '--no-install-recommends') || hasRecommendsSetting(where)) continue;
      yield createCommandHit(
        where,
        'recommended packages are installed, too: add `--no-install-recommends`',
        createFlagFix(where, installation.verb, '--no-install-recommends'),
      );
    }
  },
};

/** True if a RUN of the stage contains the setting `APT::Install-Recommends`, for example to write a configuration file. */
function hasRecommendsSetting({ stage }: RunCommand): boolean {
  const setting = /APT::Install-Recommends/i;
  return results.recall(stage, '', () =>
    stage.runs.some(({ instruction, scripts }) =>
      scripts.some(({ text }) => setting.test(text) || setting.test(instruction.source)),
    ),
  );
}

const results = new Memory<LintStage, boolean>();

interface CacheOf {
  readonly name: string;
  readonly code: string;
  readonly manager: PackageManager;
  readonly directory: RegExp;
  readonly clean: RegExp;
  readonly advice: string;
}

/** Creates a check for a package manager whose cache is removed by one of its own commands. */
function createCleanRule({ name, code, manager, directory, clean, advice }: CacheOf): LintRule {
  return {
    name,
    code,
    description: `End with \`${advice}\` in the instruction that installs`,
    url: pageOf(name),
    *find(file) {
      for (const where of listKeptCommands(file)) {
        if (!installationOf(where.command, manager) || isMounted(where, directory)) continue;
        if (isCleaned(where, clean) || hasRemoval(where.run, directory)) continue;
        yield createCommandHit(where, `downloaded packages stay in the image: end with \`${advice}\``);
      }
    },
  };
}

/** True if the same program cleans its cache later in the script. */
function isCleaned({ script, command }: RunCommand, clean: RegExp): boolean {
  const last = lastCleanings.recall(script, `${command.name} ${clean.source}`, () => {
    const cleaning = script.commands.findLast(
      ({ name, args }) => name === command.name && clean.test(findSubcommand(args)),
    );
    return cleaning?.from ?? -1;
  });
  return last > command.from;
}

const lastCleanings = new Memory<RunScript, number>();

export const YumCacheKept = createCleanRule({
  name: 'YumCacheKept',
  code: 'DL3032',
  manager: YUM,
  directory: /^\/var\/cache(?:\/yum|\/dnf|\/?\*?$)/,
  clean: /^clean$/,
  advice: 'yum clean all',
});
export const ZypperCacheKept = createCleanRule({
  name: 'ZypperCacheKept',
  code: 'DL3036',
  manager: ZYPPER,
  directory: /^\/var\/cache(?:\/zypp|\/?\*?$)/,
  clean: /^(?:clean|cc)$/,
  advice: 'zypper clean',
});
export const DnfCacheKept = createCleanRule({
  name: 'DnfCacheKept',
  code: 'DL3040',
  manager: DNF,
  directory: /^\/var\/cache(?:\/(?:lib)?dnf|\/yum|\/?\*?$)/,
  clean: /^clean$/,
  advice: 'dnf clean all',
});

export const ApkCacheKept: LintRule = {
  name: 'ApkCacheKept',
  code: 'DL3019',
  description: 'Install with `--no-cache`, so that no package index stays in the image',
  url: pageOf('ApkCacheKept'),
  *find(file) {
    const directory = /^\/(?:var\/cache(?:\/apk|\/?\*?$)|etc\/apk\/cache)/;
    for (const where of listKeptCommands(file)) {
      const installation = installationOf(where.command, APK);
      if (!installation || hasFlag(where.command, '--no-cache')) continue;
      if (isMounted(where, directory) || hasRemoval(where.run, directory)) continue;
      const fix = createFlagFix(where, installation.verb, '--no-cache');
      yield createCommandHit(where, 'the package index stays in the image: add `--no-cache`', fix);
    }
  },
};

export const PipCacheKept: LintRule = {
  name: 'PipCacheKept',
  code: 'DL3042',
  description: 'Install with `--no-cache-dir`, or keep the cache in a cache mount',
  url: pageOf('PipCacheKept'),
  *find(file) {
    for (const where of listKeptCommands(file)) {
      const installation = installationOf(where.command, PIP);
      if (!installation || hasFlag(where.command, '--no-cache-dir', '--cache-dir')) continue;
      if (isMounted(where, /\.cache|pip/) || hasRemoval(where.run, /\.cache|pip/)) continue;
      if (hasCommand(where.run, 'purges', ({ args }) => args[0]?.text === 'cache' && args[1]?.text === 'purge'))
        continue;
      if (isVariableSet('PIP_NO_CACHE_DIR', where, isYes)) continue;
      const fix = createFlagFix(where, installation.verb, '--no-cache-dir');
      yield createCommandHit(where, 'downloaded packages stay in the image: add `--no-cache-dir`', fix);
    }
  },
};

/** False for the values that pip reads as false. */
function isYes(value: string): boolean {
  return !/^["']?(?:0|off|no|false|n|f)?["']?$/i.test(value);
}

export const YarnCacheKept: LintRule = {
  name: 'YarnCacheKept',
  code: 'DL3060',
  description: 'End with `yarn cache clean` in the instruction that installs',
  url: pageOf('YarnCacheKept'),
  *find(file) {
    for (const where of listKeptCommands(file)) {
      const { name, args } = where.command;
      if (name !== 'yarn' || findSubcommand(args) !== 'install') continue;
      if (isMounted(where, /yarn|\.cache/) || hasRemoval(where.run, /yarn|\.cache/)) continue;
      if (hasFlag(where.command, '--cache-folder') || isVariableSet('YARN_CACHE_FOLDER', where)) continue;
      const isClean = (command: ShellCommand) =>
        command.name === 'yarn' && command.args[0]?.text === 'cache' && command.args[1]?.text === 'clean';
      if (hasCommand(where.run, 'yarn cache clean', isClean)) continue;
      yield createCommandHit(where, 'downloaded packages stay in the image: end with `yarn cache clean`');
    }
  },
};
