/** Command lines of package managers: how they install packages, and how a package is pinned to a version. */
import { operandsOf } from '../../shell/arguments.ts';
import type { ShellCommand } from '../../shell/commands.ts';
import type { ShellWord } from '../../shell/scan.ts';

export interface PackageManager {
  readonly programs: RegExp;
  /** Subcommands that install packages. */
  readonly verbs: readonly string[];
  /** Flags whose value is the next word. */
  readonly withValue: string;
  /** Matches a package with a version, and also files and URLs, which need no version. */
  readonly isPinned: RegExp;
  /** Matches words that `isPinned` matches but that are not pinned: a repository URL without a commit. */
  readonly isMoving?: RegExp;
  /** An optional word before the verb: `module install`. */
  readonly group?: string;
  /** Words after `--` are not packages. */
  readonly endsAtDashes?: true;
  /** Flags that set versions in another way, for example in a requirements file. With one of them, packages need no version. */
  readonly elsewhere?: readonly string[];
}

export const APT: PackageManager = {
  programs: /^(?:apt|apt-get|aptitude)$/,
  verbs: ['install'],
  withValue: '-t --target-release --default-release -o --option -c --config-file -a --host-architecture',
  isPinned: /[=/]|\.deb$|-$/,
};

export const APK: PackageManager = {
  programs: /^apk$/,
  verbs: ['add'],
  withValue: '-t --virtual -X --repository -p --root --arch --repositories-file --keys-dir --wait --cache-dir',
  isPinned: /[=<>~@/]|\.apk$|^!/,
};

const RPM = {
  withValue:
    '-c --config --enablerepo --disablerepo --repo --repoid --setopt --releasever --installroot -x --exclude --from -r',
  isPinned: /-\d|[=<>/:]|\.rpm$|^@/,
  group: 'module',
};
export const YUM: PackageManager = { programs: /^yum$/, verbs: ['install'], ...RPM };
export const DNF: PackageManager = { programs: /^(?:dnf5?|microdnf)$/, verbs: ['install'], ...RPM };
export const ZYPPER: PackageManager = { programs: /^zypper$/, verbs: ['install', 'in'], ...RPM };

export const PIP: PackageManager = {
  programs: /^pip[\d.]*$/,
  verbs: ['install'],
  withValue:
    '-e --editable -t --target -i --index-url --extra-index-url -f --find-links --prefix --root --src --python ' +
    '--platform --trusted-host --proxy --timeout --retries --no-binary --only-binary --cache-dir --log --cert ' +
    '--progress-bar --upgrade-strategy --config-settings -C --global-option --use-feature --abi --implementation',
  isPinned: /[=<>~@/]|^\.|\.(?:whl|zip|tar\.gz)$/,
  isMoving: /^(?:git|hg|svn|bzr)\+[a-z]+:\/\/[^/]*\/[^@]*$/,
  elsewhere: ['-r', '--requirement', '-c', '--constraint', '--group'],
};

export const NPM: PackageManager = {
  programs: /^npm$/,
  verbs: ['install', 'i', 'add'],
  withValue: '--registry --prefix --loglevel --cache -C -w --workspace --omit --include --userconfig --tag',
  isPinned: /^.+@|^[^@].*[/:]|^[./~]|\.(?:tgz|tar|tar\.gz)$/,
  isMoving: /^git(?:\+[a-z]+)?:\/\/[^#]*$/,
};

export const GEM: PackageManager = {
  programs: /^gem$/,
  verbs: ['install', 'i'],
  withValue: '-i --install-dir -n --bindir -s --source -P --trust-policy --platform -p --http-proxy -B --build-root',
  isPinned: /:|\.gem$|\//,
  elsewhere: ['-v', '--version', '-g', '--file'],
  endsAtDashes: true,
};

/** An installation: the subcommand, and the packages in the command line. */
export interface Installation {
  readonly verb: ShellWord;
  readonly packages: readonly ShellWord[];
}

/** undefined if the command does not install packages with this package manager. */
export function installationOf(command: ShellCommand, manager: PackageManager): Installation | undefined {
  const { name, args } = toProgram(command);
  if (!manager.programs.test(name)) return undefined;
  const dashes = manager.endsAtDashes ? args.findIndex(({ text }) => text === '--') : -1;
  const words = operandsOf(dashes < 0 ? args : args.slice(0, dashes), new Set(manager.withValue.split(' ')));
  const [verb, ...packages] = words[0]?.text === manager.group ? words.slice(1) : words;
  return verb && manager.verbs.includes(verb.text) ? { verb, packages } : undefined;
}

/** Converts `python -m pip …` to `pip …`. */
function toProgram({ name, args }: ShellCommand): Pick<ShellCommand, 'name' | 'args'> {
  const at = /^python[\d.]*$/.test(name) ? args.findIndex(({ text }) => text === '-m') : -1;
  return at < 0 ? { name, args } : { name: args[at + 1]?.text ?? '', args: args.slice(at + 2) };
}

/** Packages without a version. Words with variables are not reported, because their values are unknown. */
export function findUnpinnedPackages(command: ShellCommand, manager: PackageManager): readonly ShellWord[] {
  const elsewhere = manager.elsewhere ?? [];
  const isElsewhere = ({ text }: ShellWord) =>
    elsewhere.some(
      (flag) => text === flag || (flag.startsWith('--') ? text.startsWith(`${flag}=`) : text.startsWith(flag)),
    );
  if (command.args.some(isElsewhere)) return [];
  const { packages = [] } = installationOf(command, manager) ?? {};
  return packages.filter(({ text, isPlain }) => {
    if (!isPlain || text === '') return false;
    return !manager.isPinned.test(text) || manager.isMoving?.test(text) === true;
  });
}
