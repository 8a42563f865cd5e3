/** Checks for packages that are installed without a version. */
import type { LintFile } from '../../lint-file.ts';
import { type LintRule, pageOf } from '../../rule.ts';
import { createCommandHit, listRunCommands } from '../run-commands.ts';
import { APK, APT, DNF, findUnpinnedPackages, GEM, NPM, type PackageManager, PIP, YUM, ZYPPER } from './manager.ts';

interface VersionRule {
  readonly code: string;
  readonly manager: PackageManager;
  readonly example: string;
}

function createVersionRule(name: string, { code, manager, example }: VersionRule): LintRule {
  return {
    name,
    code,
    description: `Pin the version of a package: \`${example}\``,
    url: pageOf(name),
    find: (file) => findUnpinned(file, manager, example),
  };
}

function* findUnpinned(file: LintFile, manager: PackageManager, example: string) {
  for (const where of listRunCommands(file)) {
    const names = findUnpinnedPackages(where.command, manager).map(({ text }) => `\`${text}\``);
    const verb = names.length > 1 ? 'have' : 'has';
    if (names.length > 0) yield createCommandHit(where, `${names.join(', ')} ${verb} no version: write \`${example}\``);
  }
}

/** Experimental, because distributions remove old versions from their archives: a pinned version then fails to install. */
export const DISTRIBUTION_VERSION_RULES: readonly LintRule[] = [
  createVersionRule('UnpinnedAptPackage', { code: 'DL3008', manager: APT, example: 'name=version' }),
  createVersionRule('UnpinnedApkPackage', { code: 'DL3018', manager: APK, example: 'name=version' }),
  createVersionRule('UnpinnedYumPackage', { code: 'DL3033', manager: YUM, example: 'name-version' }),
  createVersionRule('UnpinnedZypperPackage', { code: 'DL3037', manager: ZYPPER, example: 'name=version' }),
  createVersionRule('UnpinnedDnfPackage', { code: 'DL3041', manager: DNF, example: 'name-version' }),
].map((rule) => ({ ...rule, experimental: true }));

export const LANGUAGE_VERSION_RULES: readonly LintRule[] = [
  createVersionRule('UnpinnedPipPackage', { code: 'DL3013', manager: PIP, example: 'name==version' }),
  createVersionRule('UnpinnedNpmPackage', { code: 'DL3016', manager: NPM, example: 'name@version' }),
  createVersionRule('UnpinnedGem', { code: 'DL3028', manager: GEM, example: 'name:version' }),
];

/** Without `@`, `go.mod` sets the version. So only names that refer to changing versions are reported. */
export const UnpinnedGoPackage: LintRule = {
  name: 'UnpinnedGoPackage',
  code: 'DL3062',
  description: 'Pin the version of a Go program: `path@v1.2.3`',
  url: pageOf('UnpinnedGoPackage'),
  *find(file) {
    for (const where of listRunCommands(file)) {
      const { name, args } = where.command;
      if (name !== 'go' || !['install', 'get', 'run'].includes(args[0]?.text ?? '')) continue;
      const moving = args.filter(({ text }) => /^[^-].*@(?:latest|upgrade|main|master|HEAD)$/.test(text));
      for (const { text } of moving) yield createCommandHit(where, `\`${text}\` is another version tomorrow`);
    }
  },
};
