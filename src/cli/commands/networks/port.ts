import { MkimageError } from '../../../errors.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { defineVerb } from '../../verb.ts';

export const port = defineVerb({
  name: 'port',
  summary: 'list the published ports of a container',
  operands: '<container> [<port>[/<protocol>]]',
  completes: 'container',
  minOperands: 1,
  maxOperands: 2,
  flags: {},
  async run({ operands: [container = '', wanted], terminal }) {
    await using services = await openEngine(terminal);
    const { inspectContainer } = await import('../../../engine/containers/inspect.ts');
    const { NetworkSettings } = await inspectContainer(services, container, { size: false });
    const published = Object.entries(NetworkSettings.Ports).flatMap(([name, bindings]) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => ({ name, place: `${HostIp}:${HostPort}` })),
    );
    if (wanted === undefined) {
      for (const { name, place } of published) terminal.stdout.write(`${name} -> ${place}\n`);
      return EXIT_CODE.done;
    }
    const whole = wanted.includes('/') ? wanted : `${wanted}/tcp`;
    const found = published.filter(({ name }) => name === whole);
    if (found.length === 0) throw new MkimageError('not-found', `No public port '${whole}' published for ${container}`);
    for (const { place } of found) terminal.stdout.write(`${place}\n`);
    return EXIT_CODE.done;
  },
});
