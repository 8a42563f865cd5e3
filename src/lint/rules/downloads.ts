/** Checks of download programs. */
import type { LintRun } from '../lint-file.ts';
import { type LintRule, pageOf } from '../rule.ts';
import { hasFlag, hasLetter } from '../shell/arguments.ts';
import { createCommandHit, listRunCommands } from './run-commands.ts';

const QUIET = ['--quiet', '--no-verbose', '--progress', '--output-file', '--append-output'];

/** True for `-q`, `-o` and `-a`, alone or combined with other letters. */
function isQuiet(word: string): boolean {
  return ['q', 'o', 'a'].some((letter) => hasLetter(word, letter, 'aeiBtOTwQPUlARDIX'));
}

export const WgetProgress: LintRule = {
  name: 'WgetProgress',
  code: 'DL3047',
  description: 'Run `wget` without its progress bar: `-q`, `-nv` or `--progress=dot:giga`',
  url: pageOf('WgetProgress'),
  *find(file) {
    for (const where of listRunCommands(file)) {
      const { command } = where;
      if (command.name !== 'wget' || hasFlag(command, ...QUIET)) continue;
      if (command.args.some(({ text }) => /^-[A-Za-z]*nv/.test(text) || isQuiet(text))) continue;
      yield createCommandHit(
        where,
        'the progress bar of `wget` fills the log: add `--progress=dot:giga`, `-nv` or `-q`',
      );
    }
  },
};

export const CurlAndWget: LintRule = {
  name: 'CurlAndWget',
  code: 'DL4001',
  description: 'Download with `curl` or with `wget`, not with both',
  url: pageOf('CurlAndWget'),
  *find({ stages }) {
    for (const { runs } of stages) {
      const used = new Set<string>();
      for (const run of runs) {
        const here = downloadersOf(run);
        for (const name of here) used.add(name);
        if (here.length === 0 || used.size < 2) continue;
        const detail = 'this stage uses both `curl` and `wget`: use only one of them';
        yield { instruction: run.instruction, detail, range: run.instruction.range };
      }
    }
  },
};

function downloadersOf({ scripts }: LintRun): readonly string[] {
  const names = scripts.flatMap(({ commands }) => commands.map(({ name }) => name));
  return names.filter((name) => name === 'curl' || name === 'wget');
}
