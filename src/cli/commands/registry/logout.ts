import { MkimageError } from '../../../errors.ts';
import { createEngineCall } from '../../engine-call.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { defineVerb } from '../../verb.ts';

export const logout = defineVerb({
  name: 'logout',
  summary: 'remove the saved credentials of a registry',
  operands: '[server]',
  completes: 'nothing',
  minOperands: 0,
  maxOperands: 1,
  flags: { all: { alias: 'a', type: 'boolean', describe: 'remove the credentials of all registries' } },
  async run({ flags, operands, terminal }) {
    const [server] = operands;
    if (flags.all && server !== undefined)
      throw new MkimageError('usage', '`--all` and the name of a registry exclude each other');
    const { logOut } = await import('../../../engine/images/logout.ts');
    await using services = await openEngine(terminal);
    const result = await logOut(services, { server: flags.all ? { all: true } : server }, createEngineCall(terminal));
    terminal.stdout.write(`${describeResult(result)}\n`);
    if (result.remaining)
      terminal.stderr.write(`warning: another file or variable still has credentials for ${result.server}\n`);
    return EXIT_CODE.done;
  },
});

function describeResult({
  server,
  removed,
}: {
  readonly server: string | undefined;
  readonly removed: boolean;
}): string {
  if (server === undefined) return 'Removed login credentials for all registries';
  return removed ? `Removing login credentials for ${server}` : `Not logged in to ${server}`;
}
