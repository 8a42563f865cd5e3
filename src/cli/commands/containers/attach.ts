import { failWith } from '../../container-flags/tool-failure.ts';
import type { ExitCode } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { defineVerb } from '../../verb.ts';

export const attach = defineVerb({
  name: 'attach',
  summary: 'connect this terminal to a running container',
  operands: '<container>',
  completes: 'container',
  minOperands: 1,
  maxOperands: 1,
  flags: {
    'detach-keys': { type: 'string', describe: 'keys that detach from the container (default: ctrl-p,ctrl-q)' },
    'no-stdin': { type: 'boolean', describe: 'do not pass on standard input' },
    'sig-proxy': { type: 'boolean', describe: 'send signals to the container (default: true)', default: true },
  },
  async run({ flags, operands, terminal }): Promise<ExitCode> {
    return await failWith(terminal, async () => {
      await using services = await openEngine(terminal);
      const { attachHere } = await import('../../container-flags/attach-here.ts');
      return await attachHere(
        services,
        {
          container: operands[0]!,
          hasInput: !flags['no-stdin'],
          detachKeys: flags['detach-keys'],
          proxiesSignals: flags['sig-proxy'],
        },
        terminal,
      );
    });
  },
});
