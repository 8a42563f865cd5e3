import type { CreateExecRequest, ExecDetails } from '../../../api/index.ts';
import { createExec, inspectExec, startDetachedExec, startExec } from '../../../engine/containers/exec.ts';
import { inspectContainer } from '../../../engine/containers/inspect.ts';
import type { StreamName } from '../../../process/index.ts';
import { createQuietCall } from '../../../progress.ts';
import { type Shape, takeMembers } from '../bodies/shape.ts';
import type { Exchange } from '../http/exchange.ts';
import { HttpFailure, messageOf } from '../http/failure.ts';
import { readInteger } from '../http/query.ts';
import type { RouteTable } from '../http/router.ts';
import { streamTypeOf } from '../http/stream-types.ts';
import type { Daemon } from '../shared.ts';
import { StreamClient } from './stream-client.ts';
import { takeInput } from './take-input.ts';

const SHAPE: Shape = {
  AttachStdin: 'flag',
  AttachStdout: 'flag',
  AttachStderr: 'flag',
  Tty: 'flag',
  DetachKeys: 'text',
  Env: 'words',
  Cmd: 'words',
  Privileged: 'flag',
  User: 'text',
  WorkingDir: 'text',
};

async function create(exchange: Exchange, { services }: Daemon): Promise<void> {
  const settings = takeMembers(await exchange.readJson(), SHAPE, 'the exec') as CreateExecRequest['settings'];
  exchange.sendJson(201, { Id: await createExec(services, { container: exchange.parameters[0]!, settings }) });
}

/** The body may come in a request that stays open for the input. */
async function start(exchange: Exchange, daemon: Daemon): Promise<void> {
  const id = exchange.parameters[0]!;
  const body = await exchange.readFirstJson();
  if (body.Detach === true) {
    await startDetachedExec(daemon.services, id, createQuietCall());
    return exchange.sendEmpty(200);
  }
  await startAttached(exchange, daemon, id);
}

/**
 * The exit code is on file before the stream ends: clients ask for it once. The head of the reply is sent before the start, because
 * docker-py loses output that arrives with it.
 */
async function startAttached(exchange: Exchange, { services, execs }: Daemon, id: string): Promise<void> {
  const details = await inspectExec(services, id);
  await requireStartable(services, details);
  const { tty: isTty } = details.ProcessConfig;
  const pair = exchange.hijack(streamTypeOf(isTty, exchange.minor));
  const wishes = { stdin: details.OpenStdin, stdout: true, stderr: true, isTty, detachKeys: undefined };
  const client = new StreamClient(pair, wishes);
  try {
    const listener = (stream: StreamName, bytes: Buffer) => client.write(stream, bytes);
    const running = await startExec(services, { id, listener }, createQuietCall());
    execs.set(id, running);
    if (running.input !== undefined) client.giveInput(takeInput(running.input, !isTty));
    const finish = () => {
      execs.delete(id);
      client.end();
    };
    running.exited.then(finish, finish);
  } catch (error) {
    sayFailure(client, messageOf(error));
  }
  await client.done;
}

async function requireStartable(services: Daemon['services'], { ID, ContainerID, Running, ExitCode }: ExecDetails) {
  if (Running || ExitCode !== null) throw new HttpFailure(409, `exec ${ID} has been started already`);
  const { State } = await inspectContainer(services, ContainerID, { size: false });
  if (State.Paused) throw new HttpFailure(409, `Container ${ContainerID} is paused, unpause the container before exec`);
  if (!State.Running) throw new HttpFailure(409, `Container ${ContainerID} is not running`);
}

/** A program that cannot be started is output of the exec, whose exit code tells the kind, as with Docker. */
function sayFailure(client: StreamClient, message: string): void {
  void client.write('stdout', Buffer.from(`${message}\r\n`));
  client.end();
}

async function resize(exchange: Exchange, { execs, services }: Daemon): Promise<void> {
  const { query, parameters } = exchange;
  const [rows = 0, columns = 0] = [readInteger(query, 'h'), readInteger(query, 'w')];
  if (rows > 65_535 || columns > 65_535) throw new HttpFailure(400, 'invalid size of a terminal');
  const running = execs.get(parameters[0]!);
  if (running === undefined) {
    await inspectExec(services, parameters[0]!);
    throw new HttpFailure(409, `exec ${parameters[0]!} is not running`);
  }
  if (rows > 0 && columns > 0) running.resize({ rows, columns });
  exchange.sendEmpty(200);
}

export const EXEC_ROUTES: RouteTable<Daemon> = {
  'POST /containers/*/exec': create,
  'POST /exec/*/start': start,
  'POST /exec/*/resize': resize,
  'GET /exec/*/json': async (exchange, { services }) =>
    exchange.sendJson(200, await inspectExec(services, exchange.parameters[0]!)),
};
