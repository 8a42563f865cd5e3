import { MkimageError } from '../../errors.ts';
import { createSuggestionHint } from '../../notation/index.ts';
import { getCompletionScript, SHELLS, type Shell } from '../completion/scripts.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { defineVerb } from '../verb.ts';

export const completion = defineVerb({
  name: 'completion',
  summary: 'print the completion script for a shell',
  operands: SHELLS.join('|'),
  minOperands: 1,
  maxOperands: 1,
  flags: {},
  examples: [
    [
      'source <(mkimage completion bash)',
      'enable completion in this shell; add this line to ~/.bashrc to enable it in every shell',
    ],
    ['mkimage completion zsh > "${fpath[1]}/_mkimage"', 'the same for zsh'],
    ['mkimage completion fish > ~/.config/fish/completions/mkimage.fish', 'the same for fish'],
  ],
  async run({ operands: [name = ''], terminal }) {
    const shell = SHELLS.find((each) => each === name);
    if (shell === undefined) throw createUnknownShellError(name);
    terminal.stdout.write(getCompletionScript(shell));
    return EXIT_CODE.done;
  },
});

function createUnknownShellError(name: string): MkimageError {
  const list = SHELLS.map((shell: Shell) => `\`${shell}\``).join(', ');
  return new MkimageError('usage', `unknown shell \`${name}\``, {
    hint: createSuggestionHint(name, SHELLS, `one of ${list}`),
  });
}
