import { isMkimageError } from '../../errors.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { applyTemplate } from '../go-template/index.ts';
import { openEngine } from '../open-engine.ts';
import { readPlatformFlag } from '../text/platform-flag.ts';
import { defineVerb } from '../verb.ts';

const TYPES = ['container', 'image', 'volume', 'network'] as const;
type Kind = (typeof TYPES)[number];

export const inspect = defineVerb({
  name: 'inspect',
  summary: 'display detailed information on containers, images, volumes or networks, as JSON',
  operands: '<name> [<name>…]',
  completes: 'image',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {
    format: {
      alias: 'f',
      type: 'string',
      describe: "output format: `json` on one line, or a template such as '{{.Config.Cmd}}'",
    },
    platform: {
      type: 'string',
      describe: 'inspect this platform of an image for several (default: platform of this machine)',
      completes: 'platform',
    },
    size: { alias: 's', type: 'boolean', describe: 'show the sizes of containers' },
    type: { type: 'string', choices: TYPES, describe: 'kind of object' },
  },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const lookUp = lookUps(services, { size: flags.size, platform: readPlatformFlag(flags.platform) });
    const kinds = flags.type === undefined ? TYPES : [flags.type as Kind];
    const found: object[] = [];
    for (const name of operands)
      found.push(
        await findOne(
          name,
          kinds.map((kind) => lookUp[kind]),
        ),
      );
    if (flags.format === undefined || flags.format === 'json') {
      terminal.stdout.write(`${JSON.stringify(found, undefined, flags.format === 'json' ? undefined : 4)}\n`);
    } else for (const each of found) terminal.stdout.write(`${applyTemplate(flags.format, each)}\n`);
    return EXIT_CODE.done;
  },
});

type LookUp = (name: string) => Promise<object>;

interface LookUpOptions {
  readonly size: boolean;
  readonly platform: ReturnType<typeof readPlatformFlag>;
}

function lookUps(
  services: Awaited<ReturnType<typeof openEngine>>,
  { size, platform }: LookUpOptions,
): Readonly<Record<Kind, LookUp>> {
  return {
    container: async (name) =>
      (await import('../../engine/containers/inspect.ts')).inspectContainer(services, name, { size }),
    image: async (name) =>
      (
        await (await import('../../engine/images/inspect.ts')).inspectImages(services, { images: [name], platform })
      )[0]!,
    volume: async (name) => (await import('../../engine/containers/volume-verbs.ts')).inspectVolume(services, name),
    network: async (network) =>
      (await import('../../engine/containers/networks/network-verbs.ts')).inspectNetwork(services, { network }),
  };
}

/** The first kind that has the name. The error of the image is shown, because its hint lists what there is. */
async function findOne(name: string, lookUp: readonly LookUp[]): Promise<object> {
  let failure: unknown;
  for (const find of lookUp) {
    try {
      return await find(name);
    } catch (error) {
      if (!isMkimageError(error, 'not-found')) throw error;
      failure = find === lookUp[1] || failure === undefined ? error : failure;
    }
  }
  throw failure;
}
