/** How package managers are told to install, and when a package has a version. */
import { operandsOf } from '../../shell/arguments.ts';
import type { ShellCommand } from '../../shell/commands.ts';
import type { ShellWord } from '../../shell/scan.ts';

export interface PackageManager {
  readonly programs: RegExp;
  /** Words that ask for an installation. */
  readonly verbs: readonly string[];
  /** Flags whose value is the next word. */
  readonly withValue: string;
  /** A package that needs no further version, or is none by name: a file, a URL. */
  readonly isPinned: RegExp;
  /** What is not pinned although it looks so: a repository without a commit. */
  readonly isMoving?: RegExp;
  /** A word that may stand before the verb: `module install`. */
  readonly group?: string;
  /** What stands behind `--` are no packages. */
  readonly endsAtDashes?: true;
  /** With one of these the versions are said elsewhere. */
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

/** An installation: the word that asks for it, and the packages that are named. */
export interface Installation {
  readonly verb: ShellWord;
  readonly packages: readonly ShellWord[];
}

/** undefined if the command installs nothing with this package manager. */
export function installationOf(command: ShellCommand, manager: PackageManager): Installation | undefined {
  const { name, args } = asProgram(command);
  if (!manager.programs.test(name)) return undefined;
  const dashes = manager.endsAtDashes ? args.findIndex(({ text }) => text === '--') : -1;
  const words = operandsOf(dashes < 0 ? args : args.slice(0, dashes), new Set(manager.withValue.split(' ')));
  const [verb, ...packages] = words[0]?.text === manager.group ? words.slice(1) : words;
  return verb && manager.verbs.includes(verb.text) ? { verb, packages } : undefined;
}

/** `python -m pip …` is `pip …`. */
function asProgram({ name, args }: ShellCommand): Pick<ShellCommand, 'name' | 'args'> {
  const at = /^python[\d.]*$/.test(name) ? args.findIndex(({ text }) => text === '-m') : -1;
  return at < 0 ? { name, args } : { name: args[at + 1]?.text ?? '', args: args.slice(at + 2) };
}

/** Packages without a version, as far as that can be told: what a variable holds is not judged. */
export function unpinnedPackages(command: ShellCommand, manager: PackageManager): readonly ShellWord[] {
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
