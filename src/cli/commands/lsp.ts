import { defineVerb } from '../verb.ts';

export const lsp = defineVerb({
  name: 'lsp',
  summary: 'speak the language server protocol with an editor, on stdin and stdout',
  operands: '',
  least: 0,
  most: 0,
  flags: {
    stdio: { type: 'boolean', describe: 'what it does anyway; many editors say it' },
  },
  async run({ terminal }) {
    const { serve } = await import('../lsp/serve.ts');
    return serve(terminal);
  },
});
