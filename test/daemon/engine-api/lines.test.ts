/** Replies of lines: progress of pulls, pushes and builds. */
import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Exchange } from '../../../src/daemon/engine-api/http/exchange.ts';
import { HttpFailure } from '../../../src/daemon/engine-api/http/failure.ts';
import { LineReply } from '../../../src/daemon/engine-api/http/lines.ts';

const test = suite('daemon: lines');

function openReply(): { readonly reply: LineReply; readonly output: PassThrough; readonly begun: () => number } {
  const output = new PassThrough();
  let begun = 0;
  const startStream = () => {
    begun += 1;
    return output;
  };
  return { reply: new LineReply({ startStream } as unknown as Exchange), output, begun: () => begun };
}

test('a failure before the first line is one of the request, after it the last line', async () => {
  const early = openReply();
  const fail = async () => {
    throw new HttpFailure(404, 'nothing there');
  };
  await early.reply.run(fail).then(
    () => assert.unreachable(),
    (error: unknown) => assert.instance(error, HttpFailure),
  );
  assert.is(early.begun(), 0);
  const late = openReply();
  await late.reply.run(async () => {
    await late.reply.send({ status: 'one' });
    await fail();
  });
  const message = 'nothing there';
  assert.is(
    String(late.output.read()),
    `{"status":"one"}\r\n${JSON.stringify({ errorDetail: { message }, error: message })}\r\n`,
  );
});

test('a client that never reads loses its connection', async () => {
  const { reply, output } = openReply();
  for (let count = 0; count < 40 && !output.destroyed; count++) void reply.send({ stream: 'x'.repeat(2 ** 20) });
  assert.ok(output.destroyed);
});

test.run();
