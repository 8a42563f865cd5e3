import { CREATE_FLAGS } from '../../container-flags/create-flags.ts';
import { createHere } from '../../container-flags/create-here.ts';
import { createContainerRequest } from '../../container-flags/create-request.ts';
import { EXIT_CODE, type ExitCode } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { defineVerb } from '../../verb.ts';

export const run = defineVerb({
  name: 'run',
  summary: 'create a container of an image and run a command in it',
  operands: '<image> [<command>…]',
  completes: 'image',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  endsAtOperand: true,
  flags: {
    ...CREATE_FLAGS,
    detach: { alias: 'd', type: 'boolean', describe: 'run in the background and print the container ID' },
    'detach-keys': { type: 'string', describe: 'keys that detach from a container (default: ctrl-p,ctrl-q)' },
    'sig-proxy': { type: 'boolean', describe: 'send signals to the container (default: true)', default: true },
  },
  examples: [
    ['mkimage run --rm -it debian sh', 'run a shell in a new container'],
    ['mkimage run -d --name web -p 8080:80 nginx', 'run a server in the background'],
  ],
  async run({ flags, operands, terminal }): Promise<ExitCode> {
    const { failWith } = await import('../../container-flags/tool-failure.ts');
    return failWith(terminal, async () => {
      const request = createContainerRequest(flags, operands, terminal);
      await using services = await openEngine(terminal, flags.ca);
      const id = await createHere(services, request, { ...flags, terminal });
      if (flags.detach) {
        const { startDetached } = await import('../../container-flags/start-here.ts');
        await startDetached(services, { id, isRemoved: flags.rm }, terminal);
        terminal.stdout.write(`${id}\n`);
        return EXIT_CODE.done;
      }
      const { runAttached } = await import('../../container-flags/start-here.ts');
      return await runAttached(
        services,
        {
          id,
          settings: request.config,
          isRemoved: flags.rm,
          detachKeys: flags['detach-keys'],
          proxiesSignals: flags['sig-proxy'],
        },
        terminal,
      );
    });
  },
});
