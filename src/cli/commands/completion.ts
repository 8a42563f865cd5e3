import { MkimageError } from '../../errors.ts';
import { didYouMean } from '../../notation/index.ts';
import { completionScript, SHELLS, type Shell } from '../completion/scripts.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { defineVerb } from '../verb.ts';

export const completion = defineVerb({
  name: 'completion',
  summary: 'print a completion script for a shell',
  operands: SHELLS.join('|'),
  least: 1,
  most: 1,
  flags: {},
  examples: [
    ['source <(mkimage completion bash)', 'complete in this shell; put the line into ~/.bashrc for all shells'],
    ['mkimage completion zsh > "${fpath[1]}/_mkimage"', 'the same for zsh'],
    ['mkimage completion fish > ~/.config/fish/completions/mkimage.fish', 'the same for fish'],
  ],
  async run({ operands: [name = ''], terminal }) {
    const shell = SHELLS.find((each) => each === name);
    if (shell === undefined) throw unknownShell(name);
    terminal.stdout.write(completionScript(shell));
    return EXIT_CODE.done;
  },
});

function unknownShell(name: string): MkimageError {
  const list = SHELLS.map((shell: Shell) => `\`${shell}\``).join(', ');
  return new MkimageError('usage', `unknown shell \`${name}\``, { hint: didYouMean(name, SHELLS, `one of ${list}`) });
}
