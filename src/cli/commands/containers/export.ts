import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MkimageError } from '../../../errors.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { withProgress } from '../../render/index.ts';
import { defineVerb } from '../../verb.ts';

export const exportVerb = defineVerb({
  name: 'export',
  summary: 'write the root filesystem of a container as a tar',
  operands: '<container>',
  completes: 'container',
  minOperands: 1,
  maxOperands: 1,
  flags: {
    output: { alias: 'o', type: 'string', describe: 'write to this file (default: stdout)', completes: 'file' },
  },
  async run({ flags: { output }, operands: [container = ''], terminal }) {
    if (output === undefined && terminal.stdout.isTTY === true)
      throw new MkimageError('usage', 'cowardly refusing to save to a terminal. Use the -o flag or redirect');
    await using services = await openEngine(terminal);
    const { exportContainer } = await import('../../../engine/containers/images/diff.ts');
    const { pipeline } = await import('node:stream/promises');
    const file = output === undefined ? undefined : resolve(terminal.cwd(), output);
    const use = async (tar: AsyncIterable<Buffer>) => {
      if (file === undefined) return pipeline(tar, terminal.archiveOutput(), { end: false });
      await pipeline(tar, createWriteStream(file)).catch(async (error: unknown) => {
        await rm(file, { force: true });
        throw error;
      });
    };
    await withProgress('quiet', terminal, (call) => exportContainer(services, { container, use }, call));
    return EXIT_CODE.done;
  },
});
