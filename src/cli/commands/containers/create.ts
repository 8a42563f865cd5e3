import { CREATE_FLAGS } from '../../container-flags/create-flags.ts';
import { createHere } from '../../container-flags/create-here.ts';
import { createContainerRequest } from '../../container-flags/create-request.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { defineVerb } from '../../verb.ts';

export const create = defineVerb({
  name: 'create',
  summary: 'create a container of an image without starting it',
  operands: '<image> [<command>…]',
  completes: 'image',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  endsAtOperand: true,
  flags: CREATE_FLAGS,
  async run({ flags, operands, terminal }) {
    const request = createContainerRequest(flags, operands, terminal);
    await using services = await openEngine(terminal, flags.ca);
    terminal.stdout.write(`${await createHere(services, request, { ...flags, terminal })}\n`);
    return EXIT_CODE.done;
  },
});
