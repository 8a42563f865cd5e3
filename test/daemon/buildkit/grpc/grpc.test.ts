import { connect } from 'node:http2';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { GrpcClient, type RemoteMethod } from '../../../../src/daemon/buildkit/grpc/client.ts';
import { FrameSplitter, frame } from '../../../../src/daemon/buildkit/grpc/frames.ts';
import { GrpcServer } from '../../../../src/daemon/buildkit/grpc/server.ts';
import { duplex, Failure, serverStream, unary } from '../../../../src/daemon/buildkit/grpc/service.ts';
import { StatusMessage } from '../../../../src/daemon/buildkit/grpc/status.ts';
import { bytes, integer, text } from '../../../../src/daemon/buildkit/wire/fields.ts';
import { defineMessage } from '../../../../src/daemon/buildkit/wire/message.ts';
import { isMkimageError, MkimageError } from '../../../../src/errors.ts';
import { socketPair } from '../../../support/socket-pair.ts';

const test = suite('gRPC on a connection');

const Note = defineMessage({ text: text(1), count: integer(2), data: bytes(3) });
type Kind = RemoteMethod<ReturnType<typeof Note.decode>, ReturnType<typeof Note.decode>>;
const methodOf = (path: string): Kind => ({ path, request: Note, response: Note });
/** Set before each test: a file may wait for minutes until its tests run. */
let signal: AbortSignal;

let gone: Promise<void>;

function createServer(): GrpcServer {
  let tellGone: () => void;
  gone = new Promise((settle) => {
    tellGone = settle;
  });
  return new GrpcServer(
    new Map([
      [
        '/test/Echo',
        unary(Note, Note, async (note, { headers }) => ({ ...note, text: `${note.text}${headers.extra ?? ''}` })),
      ],
      [
        '/test/Fail',
        unary(Note, Note, async () => {
          throw new MkimageError('not-found', 'find “it”: 100 % gone');
        }),
      ],
      [
        '/test/Refuse',
        unary(Note, Note, async () => {
          const details = [{ typeUrl: 'x', value: Buffer.from('y') }];
          return new Failure({ code: 9, message: 'no', details });
        }),
      ],
      [
        '/test/Count',
        serverStream(Note, Note, async ({ count }, { send }) => {
          for (let at = 0; at < count; at += 1) await send(Note.create({ count: at, data: Buffer.alloc(100_000) }));
          return undefined;
        }),
      ],
      [
        '/test/Talk',
        duplex(Note, Note, async ({ messages, send }) => {
          for await (const note of messages) await send({ ...note, count: note.count + 1 });
        }),
      ],
      [
        '/test/Wait',
        unary(Note, Note, async (note, call) => {
          await new Promise<void>((settle) => call.signal.addEventListener('abort', () => settle()));
          tellGone();
          return note;
        }),
      ],
    ]),
  );
}

test.before.each(() => {
  signal = AbortSignal.timeout(20_000);
});

async function withClient(use: (client: GrpcClient) => Promise<void>): Promise<void> {
  const [near, far] = await socketPair();
  using server = createServer();
  server.accept(far);
  using client = new GrpcClient(near);
  await use(client);
  near.destroy();
}

test('asks and answers, with metadata', () =>
  withClient(async (client) => {
    const answer = await client.ask(methodOf('/test/Echo'), { text: 'a' }, { signal, metadata: { extra: 'b' } });
    assert.is(answer.text, 'ab');
  }));

test('a message of many MiB arrives, one above the limit is refused', () =>
  withClient(async (client) => {
    const data = Buffer.alloc(9_000_000, 7);
    assert.ok(Buffer.from((await client.ask(methodOf('/test/Echo'), { data }, { signal })).data).equals(data));
    const failure = await failureOf(client.ask(methodOf('/test/Echo'), { data: Buffer.alloc(17_000_000) }, { signal }));
    assert.ok(isMkimageError(failure), String(failure));
    assert.is((await client.ask(methodOf('/test/Echo'), { text: 'alive' }, { signal })).text, 'alive');
  }));

test('a stream is read as slowly as its reader reads', () =>
  withClient(async (client) => {
    await using call = client.open(methodOf('/test/Count'), { signal });
    await call.send(Note.create({ count: 300 }));
    call.finish();
    const counts: number[] = [];
    for await (const { count } of call.messages) counts.push(count);
    assert.equal(
      counts,
      Array.from({ length: 300 }, (_, at) => at),
    );
  }));

test('messages go both ways until one side ends', () =>
  withClient(async (client) => {
    await using call = client.open(methodOf('/test/Talk'), { signal });
    await call.send(Note.create({ count: 1 }));
    const counts: number[] = [];
    for await (const { count } of call.messages) {
      counts.push(count);
      if (count < 5) await call.send(Note.create({ count }));
      else call.finish();
    }
    assert.equal(counts, [2, 3, 4, 5]);
  }));

test('errors keep their kind and text', () =>
  withClient(async (client) => {
    const failure = await failureOf(client.ask(methodOf('/test/Fail'), {}, { signal }));
    assert.ok(isMkimageError(failure, 'not-found'));
    assert.match(failure.message, 'find “it”: 100 % gone');
    assert.ok(isMkimageError(await failureOf(client.ask(methodOf('/test/None'), {}, { signal })), 'unsupported'));
  }));

test('details of a failure are in the trailers', async () => {
  const [near, far] = await socketPair();
  using server = createServer();
  server.accept(far);
  const session = connect('http://localhost', { createConnection: () => near });
  const stream = session.request({ ':method': 'POST', ':path': '/test/Refuse' });
  stream.end(frame(Buffer.alloc(0)));
  stream.resume();
  const trailers = await new Promise<Record<string, unknown>>((settle) => stream.on('trailers', settle));
  assert.is(trailers['grpc-status'], '9');
  const status = StatusMessage.decode(Buffer.from(String(trailers['grpc-status-details-bin']), 'base64'));
  assert.equal([status.message, status.details[0]?.typeUrl], ['no', 'x']);
  session.destroy();
});

test('a client that goes away is noticed', async () => {
  const [near, far] = await socketPair();
  using server = createServer();
  server.accept(far);
  using client = new GrpcClient(near);
  const failure = failureOf(client.ask(methodOf('/test/Wait'), {}, { signal }));
  setTimeout(() => near.destroy(), 50);
  await gone;
  assert.ok(isMkimageError(await failure));
});

test('a call can be cancelled', () =>
  withClient(async (client) => {
    const stop = new AbortController();
    const failure = failureOf(client.ask(methodOf('/test/Wait'), {}, { signal: stop.signal }));
    setTimeout(() => stop.abort(), 50);
    assert.ok(isMkimageError(await failure, 'cancelled'));
    await gone;
  }));

test('a call that is cancelled before the connection is ready ends like any other', async () => {
  const [near, far] = await socketPair();
  using server = createServer();
  server.accept(far);
  const client = new GrpcClient(near);
  const failure = failureOf(client.ask(methodOf('/test/Echo'), {}, { signal: AbortSignal.abort() }));
  client[Symbol.dispose]();
  assert.ok(isMkimageError(await failure, 'cancelled'));
});

test('bytes that are no HTTP/2 end their connection and nothing else', async () => {
  const [near, far] = await socketPair();
  using server = createServer();
  near.on('error', () => {});
  server.accept(far);
  near.write('GET / HTTP/1.1\r\n\r\n');
  near.resume();
  await new Promise((settle) => near.on('close', settle));
  const [again, other] = await socketPair();
  server.accept(other);
  using client = new GrpcClient(again);
  assert.is((await client.ask(methodOf('/test/Echo'), { text: 'a' }, { signal })).text, 'a');
  again.destroy();
});

test('frames may be cut anywhere', () => {
  const whole = Buffer.concat([frame(Buffer.from('one')), frame(Buffer.alloc(0)), frame(Buffer.from('three'))]);
  for (let size = 1; size <= whole.length; size += 1) {
    const splitter = new FrameSplitter();
    const found: string[] = [];
    for (let at = 0; at < whole.length; at += size)
      found.push(...splitter.push(whole.subarray(at, at + size)).map(String));
    assert.equal(found, ['one', '', 'three']);
    assert.ok(splitter.isBetween);
  }
});

test('compressed and oversized frames are refused', () => {
  assert.throws(() => new FrameSplitter().push(Buffer.from([1, 0, 0, 0, 0])), /compressed/);
  assert.throws(() => new FrameSplitter().push(Buffer.from([0, 255, 0, 0, 0])), /are more than/);
});

test.run();

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
