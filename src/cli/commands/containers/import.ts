import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { MkimageError } from '../../../errors.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { withProgress } from '../../render/index.ts';
import { readPlatformFlag } from '../../text/platform-flag.ts';
import { defineVerb } from '../../verb.ts';

export const importVerb = defineVerb({
  name: 'import',
  summary: 'make an image of the root filesystem in a tar',
  operands: '<file>|- [<name>[:<tag>]]',
  minOperands: 1,
  maxOperands: 2,
  flags: {
    change: { alias: 'c', type: 'string', array: true, describe: 'change a setting, e.g. `CMD ["app"]`' },
    message: { alias: 'm', type: 'string', describe: 'message in the history' },
    platform: {
      type: 'string',
      describe: 'platform of the image (default: that of this machine)',
      completes: 'platform',
    },
  },
  async run({ flags, operands: [source = '', reference], terminal }) {
    if (/^https?:/.test(source))
      throw new MkimageError('unsupported', `import \`${source}\`: URLs are not supported`, {
        hint: 'fetch the archive first: `curl -L URL | mkimage import -`',
      });
    await using services = await openEngine(terminal);
    const { importImage } = await import('../../../engine/containers/images/import.ts');
    const tar = source === '-' ? terminal.stdin() : createReadStream(resolve(terminal.cwd(), source));
    const { change: changes, message } = flags;
    const request = { reference, message, changes, platform: readPlatformFlag(flags.platform), source };
    const { id } = await withProgress('quiet', terminal, (call) => importImage(services, { ...request, tar }, call));
    terminal.stdout.write(`${id}\n`);
    return EXIT_CODE.done;
  },
});
