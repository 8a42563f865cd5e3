/** Checks for downloads that a cache mount could keep for the next build. */
import { type LintRule, pageOf } from '../../rule.ts';
import { findSubcommand } from '../../shell/arguments.ts';
import { createCommandHit, listRunCommands, listScratchMounts } from '../run-commands.ts';

interface Downloader {
  readonly code: string;
  readonly programs: RegExp;
  /** Subcommands that download; undefined: all. */
  readonly verbs?: readonly string[];
  /** Default directory of the downloads. */
  readonly directory: string;
  /** Matches the target of a cache mount that contains the downloads. */
  readonly isMounted: RegExp;
}

const DOWNLOADERS: readonly Downloader[] = [
  {
    code: 'DL3068',
    programs: /^npm$/,
    verbs: ['install', 'ci', 'install-ci-test', 'it', 'i'],
    directory: '/root/.npm',
    isMounted: /\.npm/,
  },
  {
    code: 'DL3069',
    programs: /^cargo$/,
    verbs: ['build', 'install', 'fetch', 'test', 'check', 'clippy'],
    directory: '/usr/local/cargo/registry',
    isMounted: /cargo/,
  },
  {
    code: 'DL3070',
    programs: /^go$/,
    verbs: ['build', 'get', 'install', 'test', 'mod'],
    directory: '/root/.cache/go-build',
    isMounted: /go-build|go\/pkg\/mod|^\/root\/\.cache/,
  },
  {
    code: 'DL3071',
    programs: /^mvnw?$/,
    verbs: ['install', 'compile', 'package', 'test', 'verify', 'deploy', 'dependency:resolve', 'dependency:go-offline'],
    directory: '/root/.m2',
    isMounted: /\.m2/,
  },
  { code: 'DL3072', programs: /^gradlew?$/, directory: '/root/.gradle', isMounted: /gradle/ },
  {
    code: 'DL3073',
    programs: /^composer$/,
    verbs: ['install', 'update', 'require'],
    directory: '/root/.composer/cache',
    isMounted: /composer/,
  },
  {
    code: 'DL3074',
    programs: /^(?:dotnet|nuget)$/,
    verbs: ['restore', 'build', 'publish', 'test'],
    directory: '/root/.nuget/packages',
    isMounted: /nuget/i,
  },
  {
    code: 'DL3075',
    programs: /^pnpm$/,
    verbs: ['install', 'add', 'fetch', 'i'],
    directory: '/root/.local/share/pnpm/store',
    isMounted: /pnpm/,
  },
  {
    code: 'DL3076',
    programs: /^mix$/,
    verbs: ['deps.get', 'deps.compile', 'compile'],
    directory: '/root/.hex',
    isMounted: /\.hex|\.mix/,
  },
  {
    code: 'DL3077',
    programs: /^(?:gem|bundle)$/,
    verbs: ['install', 'update'],
    directory: '/usr/local/bundle',
    isMounted: /\.gem|bundle/,
  },
];

export const DownloadsNotCached: LintRule = {
  name: 'DownloadsNotCached',
  codes: DOWNLOADERS.map(({ code }) => code),
  description: 'Use a cache mount for the downloads of package managers',
  url: pageOf('DownloadsNotCached'),
  experimental: true,
  *find(file) {
    for (const where of listRunCommands(file)) {
      const { name, args } = where.command;
      const found = DOWNLOADERS.find(({ programs }) => programs.test(name));
      if (!found || (found.verbs && !found.verbs.includes(findSubcommand(args)))) continue;
      if (listScratchMounts(where.run).some((target) => found.isMounted.test(target))) continue;
      const flag = `--mount=type=cache,target=${found.directory}`;
      yield {
        ...createCommandHit(where, `\`${name}\` downloads all again in every build: add \`${flag}\``),
        code: found.code,
      };
    }
  },
};
