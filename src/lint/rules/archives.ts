/** Archives that are copied first and unpacked later, so that the image contains the archive and its files. */
import type { Copy } from '../../instructions/index.ts';
import type { LintStage } from '../lint-file.ts';
import { type LintRule, pageOf } from '../rule.ts';
import type { ShellCommand } from '../shell/commands.ts';

/** Archive names that ADD unpacks. */
const ARCHIVE = /\.(?:tar|tar\.(?:gz|bz2|xz|zst|lzma|Z)|tgz|tbz2?|tb2|txz|tzst|tlz)$/i;

export const ArchiveCopied: LintRule = {
  name: 'ArchiveCopied',
  code: 'DL3010',
  description: 'Unpack an archive of the context with ADD',
  url: pageOf('ArchiveCopied'),
  *find({ stages }) {
    for (const stage of stages) {
      const unpacked = listUnpacked(stage);
      if (unpacked.size === 0) continue;
      for (const instruction of stage.source.instructions) {
        if (instruction.kind !== 'copy' || instruction.from) continue;
        const name = archivesOf(instruction).find((archive) => unpacked.has(archive));
        if (name === undefined) continue;
        const detail = `\`${name}\` is unpacked later, so the image contains the archive and its files: \`ADD\` unpacks it while copying`;
        yield { instruction, detail, range: instruction.range };
      }
    }
  },
};

/** Names of the archives after they are copied. */
function archivesOf({ sources, destination }: Copy): readonly string[] {
  const target = readBaseName(destination.raw);
  if (ARCHIVE.test(target)) return [target];
  return sources.flatMap((source) => {
    const name = source.kind === 'path' ? readBaseName(source.word.raw) : '';
    return ARCHIVE.test(name) ? [name] : [];
  });
}

function listUnpacked({ runs }: LintStage): ReadonlySet<string> {
  const commands = runs.flatMap(({ scripts }) => scripts.flatMap((script) => script.commands));
  return new Set(commands.filter(isUnpack).flatMap(({ args }) => args.map(({ text }) => readBaseName(text))));
}

/** True for `tar -xzf`, `tar xf`, `tar --extract`. */
function isUnpack({ name, args }: ShellCommand): boolean {
  if (!/^(?:bsd|g)?tar$/.test(name)) return false;
  return args.some(({ text }, at) => /^--(?:extract|get)$/.test(text) || (at === 0 ? /^-?\w*x/ : /^-\w*x/).test(text));
}

/** Last part of a path. Also accepts Windows separators and quotes. */
function readBaseName(path: string): string {
  return path.replaceAll(/["']/g, '').split(/[/\\]/).at(-1)!;
}
