import { formatFamiliarName, parseReference } from '../../oci/index.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { PROGRESS_MODES, type ProgressMode, withProgress } from '../render/index.ts';
import { readPlatformFlags } from '../text/platform-flag.ts';
import { defineVerb } from '../verb.ts';

export const join = defineVerb({
  name: 'join',
  summary: 'make one image of the parts that several machines have pushed with build --part',
  operands: '<image> [<image>…]',
  completes: 'image',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {
    expect: {
      type: 'string',
      array: true,
      describe: 'platforms that must have a part, e.g. linux/amd64,linux/arm64 (default: all that have one)',
      completes: 'platform',
    },
    'keep-parts': { type: 'boolean', describe: 'do not remove the parts from the registry' },
    ca: { type: 'string', describe: 'PEM file with additional certificate authorities', completes: 'file' },
    progress: { type: 'string', choices: PROGRESS_MODES, describe: 'type of progress output' },
    quiet: { alias: 'q', type: 'boolean', describe: 'suppress the progress output' },
  },
  examples: [['mkimage join --expect linux/amd64,linux/arm64 registry.example/app:v1', 'join two parts']],
  async run({ flags, operands, terminal }) {
    const expect = readPlatformFlags(flags.expect);
    const { joinImage } = await import('../../engine/images/join.ts');
    await using services = await openEngine(terminal, flags.ca);
    const mode = flags.quiet ? 'quiet' : ((flags.progress ?? 'auto') as ProgressMode);
    for (const image of operands) {
      const request = { image, expect, keepsParts: flags['keep-parts'] };
      const { reference, descriptor } = await withProgress(mode, terminal, (call) =>
        joinImage(services, request, call),
      );
      terminal.stdout.write(`${formatFamiliarName(parseReference(reference))}@${descriptor.digest}\n`);
    }
    return EXIT_CODE.done;
  },
});
