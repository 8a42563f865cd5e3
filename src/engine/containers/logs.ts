import type { LogsRequest } from '../../api/index.ts';
import { ensureSupervisor, findContainer, isAlive, isGoneError, settle } from '../../container/index.ts';
import { MkimageError } from '../../errors.ts';
import { type LogEntry, readJsonLog } from '../../process/index.ts';
import type { Call } from '../../progress.ts';
import type { Services } from '../services.ts';
import { openContainers } from './open-containers.ts';

/** Reads the log of a container. With `follow` it waits for more until the container ends. */
export async function* readLogs(services: Services, request: LogsRequest, { signal }: Call): AsyncGenerator<LogEntry> {
  const home = await openContainers(services);
  const folder = findContainer(home, request.container);
  const { config, host } = folder.record();
  if (host.LogConfig?.Type === 'none') {
    throw new MkimageError('unsupported', 'configured logging driver does not support reading');
  }
  if (isAlive(await settle(home, folder))) ensureSupervisor(home);
  const isWanted = ({ stream }: LogEntry) =>
    stream === 'stderr' && config.Tty !== true ? request.stderr : request.stdout;
  const { tail, since, until } = request;
  const isComplete = () => {
    try {
      const { status } = folder.state();
      return status === 'exited' || status === 'dead';
    } catch (error) {
      if (isGoneError(error)) return true;
      throw error;
    }
  };
  const following = {
    file: folder.log,
    tail,
    since,
    until,
    signal,
    isComplete: request.follow ? isComplete : undefined,
  };
  for await (const entry of readJsonLog(following)) if (isWanted(entry)) yield entry;
}
