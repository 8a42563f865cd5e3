import { inspectContainer } from '../../../engine/containers/inspect.ts';
import { readLogs } from '../../../engine/containers/logs.ts';
import { encodeFrame } from '../../../process/index.ts';
import { createQuietCall } from '../../../progress.ts';
import type { Exchange } from '../http/exchange.ts';
import { HttpFailure } from '../http/failure.ts';
import { readBoolean, readTime } from '../http/query.ts';
import type { RouteTable } from '../http/router.ts';
import { streamTypeOf } from '../http/stream-types.ts';
import { writeAll } from '../http/write-all.ts';
import type { Daemon } from '../shared.ts';

async function sendLogs(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query, signal, minor, parameters } = exchange;
  const [stdout, stderr] = [readBoolean(query, 'stdout'), readBoolean(query, 'stderr')];
  if (!stdout && !stderr) throw new HttpFailure(400, 'Bad parameters: you must choose at least one stream');
  const { Id, Config, HostConfig } = await inspectContainer(services, parameters[0]!, { size: false });
  if (HostConfig.LogConfig?.Type === 'none')
    throw new HttpFailure(501, 'configured logging driver does not support reading');
  const request = {
    container: Id,
    stdout,
    stderr,
    follow: readBoolean(query, 'follow'),
    since: readTime(query, 'since'),
    until: readTime(query, 'until'),
    tail: readTail(query.get('tail') ?? ''),
  };
  const isTty = Config.Tty === true;
  const hasTimes = readBoolean(query, 'timestamps');
  const output = exchange.startStream(streamTypeOf(isTty, minor));
  for await (const { log, stream, time } of readLogs(services, request, { ...createQuietCall(), signal })) {
    const bytes = Buffer.from(hasTimes ? `${time} ${log}` : log);
    await writeAll(output, isTty ? bytes : encodeFrame(stream, bytes), signal);
  }
  output.end();
}

/** Everything that is not a number means all lines. */
function readTail(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

export const LOG_ROUTES: RouteTable<Daemon> = { 'GET /containers/*/logs': sendLogs };
