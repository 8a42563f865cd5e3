/** A language server on standard input and output. */
import { type Connection, createConnection, type WatchDog } from 'vscode-languageserver';
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import { openLanguageServices } from '../../engine/authoring/index.ts';
import { readConfig } from '../../engine/config.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { answerClient } from './server.ts';

/** Serves until the client sends `exit` or disconnects, or `signal` aborts. */
export async function serve({ env, signal }: Pick<Terminal, 'env' | 'signal'>): Promise<ExitCode> {
  await using services = openLanguageServices(readConfig(env));
  return await new Promise((settle) => {
    const end = once((code: ExitCode) => {
      clearInterval(client.timer);
      work[Symbol.dispose]();
      connection.dispose();
      settle(code);
    });
    const client = watchClient(end);
    const connection = connectionOf(client);
    const work = answerClient(connection, services);
    for (const event of ['end', 'close', 'error']) process.stdin.on(event, () => end(client.endCode()));
    signal.addEventListener('abort', () => end(EXIT_CODE.cancelled));
    connection.listen();
  });
}

/** Same as createConnection of `vscode-languageserver/node`, but does not end the process itself. */
function connectionOf(client: WatchDog): Connection {
  const [reader, writer] = [new StreamMessageReader(process.stdin), new StreamMessageWriter(process.stdout)];
  return createConnection((logger) => createProtocolConnection(reader, writer, logger), client);
}

interface WatchedClient extends WatchDog {
  timer: NodeJS.Timeout | undefined;
  endCode(): ExitCode;
}

/** Watches the client's process, because a killed client may leave the pipe open. An end without `shutdown` is a failure (LSP). */
function watchClient(end: (code: ExitCode) => void): WatchedClient {
  const client: WatchedClient = {
    timer: undefined,
    shutdownReceived: false,
    endCode: () => (client.shutdownReceived ? EXIT_CODE.done : EXIT_CODE.internal),
    exit: () => end(client.endCode()),
    initialize: ({ processId }) => {
      if (typeof processId !== 'number') return;
      client.timer = setInterval(() => isRunning(processId) || end(client.endCode()), 3000);
    },
  };
  return client;
}

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function once<T>(work: (value: T) => void): (value: T) => void {
  let isDone = false;
  return (value) => {
    if (!isDone) work(value);
    isDone = true;
  };
}
