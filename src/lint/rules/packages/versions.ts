/** Checks for packages that are installed without a version. */
import type { LintFile } from '../../lint-file.ts';
import { type LintRule, pageOf } from '../../rule.ts';
import { commandHit, runCommands } from '../run-commands.ts';
import { APK, APT, DNF, GEM, NPM, type PackageManager, PIP, unpinnedPackages, YUM, ZYPPER } from './manager.ts';

function versionRule(name: string, code: string, manager: PackageManager, example: string): LintRule {
  return {
    name,
    code,
    description: `Say which version of a package is installed: \`${example}\``,
    url: pageOf(name),
    find: (file) => unpinned(file, manager, example),
  };
}

function* unpinned(file: LintFile, manager: PackageManager, example: string) {
  for (const where of runCommands(file)) {
    const names = unpinnedPackages(where.command, manager).map(({ text }) => `\`${text}\``);
    const verb = names.length > 1 ? 'have' : 'has';
    if (names.length > 0) yield commandHit(where, `${names.join(', ')} ${verb} no version: write \`${example}\``);
  }
}

/** Experimental, because distributions remove old versions from their archives: a pinned version then fails to install. */
export const DISTRIBUTION_VERSION_RULES: readonly LintRule[] = [
  versionRule('UnpinnedAptPackage', 'DL3008', APT, 'name=version'),
  versionRule('UnpinnedApkPackage', 'DL3018', APK, 'name=version'),
  versionRule('UnpinnedYumPackage', 'DL3033', YUM, 'name-version'),
  versionRule('UnpinnedZypperPackage', 'DL3037', ZYPPER, 'name=version'),
  versionRule('UnpinnedDnfPackage', 'DL3041', DNF, 'name-version'),
].map((rule) => ({ ...rule, experimental: true }));

export const LANGUAGE_VERSION_RULES: readonly LintRule[] = [
  versionRule('UnpinnedPipPackage', 'DL3013', PIP, 'name==version'),
  versionRule('UnpinnedNpmPackage', 'DL3016', NPM, 'name@version'),
  versionRule('UnpinnedGem', 'DL3028', GEM, 'name:version'),
];

/** Without `@`, `go.mod` sets the version. So only names that refer to changing versions are reported. */
export const UnpinnedGoPackage: LintRule = {
  name: 'UnpinnedGoPackage',
  code: 'DL3062',
  description: 'Say which version of a Go program is installed: `path@v1.2.3`',
  url: pageOf('UnpinnedGoPackage'),
  *find(file) {
    for (const where of runCommands(file)) {
      const { name, args } = where.command;
      if (name !== 'go' || !['install', 'get', 'run'].includes(args[0]?.text ?? '')) continue;
      const moving = args.filter(({ text }) => /^[^-].*@(?:latest|upgrade|main|master|HEAD)$/.test(text));
      for (const { text } of moving) yield commandHit(where, `\`${text}\` is another version tomorrow`);
    }
  },
};
