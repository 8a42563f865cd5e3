import { MkimageError } from '../../../errors.ts';
import { createEngineCall } from '../../engine-call.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { defineVerb } from '../../verb.ts';

export const logs = defineVerb({
  name: 'logs',
  summary: 'show the output of a container',
  operands: '<container>',
  completes: 'container',
  minOperands: 1,
  maxOperands: 1,
  flags: {
    details: { type: 'boolean', describe: 'no effect, accepted for compatibility with Docker', hidden: true },
    follow: { alias: 'f', type: 'boolean', describe: 'wait for more output' },
    since: { type: 'string', describe: 'only output since a time (e.g. 2026-01-02T13:23:37Z) or duration (e.g. 42m)' },
    tail: { alias: 'n', type: 'string', describe: 'number of lines from the end (default: all)' },
    timestamps: { alias: 't', type: 'boolean', describe: 'show the time of each line' },
    until: { type: 'string', describe: 'only output before a time or duration' },
  },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { readLogs } = await import('../../../engine/containers/logs.ts');
    const { parseMoment } = await import('../../../engine/containers/filters.ts');
    const moment = (text: string | undefined) => (text === undefined ? undefined : parseMoment(text, terminal.now()));
    const request = {
      container: operands[0]!,
      stdout: true,
      stderr: true,
      follow: flags.follow,
      since: moment(flags.since),
      until: moment(flags.until),
      tail: readTail(flags.tail),
    };
    const { writeTo } = await import('../../container-flags/start-here.ts');
    for await (const { log, stream, time } of readLogs(services, request, createEngineCall(terminal))) {
      const text = flags.timestamps ? `${time} ${log}` : log;
      await writeTo(stream === 'stderr' ? terminal.stderr : terminal.stdout, Buffer.from(text));
    }
    return EXIT_CODE.done;
  },
});

function readTail(text: string | undefined): number | undefined {
  if (text === undefined || text === 'all') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  if (/^-\d+$/.test(text)) return undefined;
  throw new MkimageError('usage', `invalid argument "${text}" for "--tail" flag: not a number`);
}
