import { defineVerb } from '../verb.ts';

export const lsp = defineVerb({
  name: 'lsp',
  summary: 'run a language server for editors on stdin and stdout',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: {
    stdio: { type: 'boolean', describe: 'no effect (always done); many editors set this flag' },
  },
  async run({ terminal }) {
    const { serve } = await import('../lsp/serve.ts');
    return serve(terminal);
  },
});
