import { existsSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SshAgent } from '../../src/executor/index.ts';
import { openSshProxy } from '../../src/executor/run/ssh-proxy.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('the ssh agent of a step');
const root = tempDir('ssh');
const ACCESS = { mode: 0o600, uid: 0, gid: 0 };
const IDENTITIES = 11;
const SIGN = 13;
const FAILURE = '0000000105';
let count = 0;

function message(type: number, body = ''): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from([type]), Buffer.from(body)]);
  bytes.writeUInt32BE(bytes.length - 4);
  return bytes;
}

/** An agent that answers every message with its bytes, and remembers them. */
function echoAgent() {
  const connections: Duplex[] = [];
  const heard: Buffer[] = [];
  const agent: SshAgent = {
    connect: () => {
      const connection = new Duplex({
        read: () => {},
        write(chunk: Buffer, _encoding, done) {
          heard.push(chunk);
          this.push(chunk);
          done();
        },
      });
      connections.push(connection);
      return connection;
    },
  };
  return { agent, connections, heard };
}

/** Runs with a client of a proxy before an agent. */
async function talking(agent: SshAgent, talk: (client: Socket, path: string) => Promise<void>): Promise<void> {
  count += 1;
  const path = join(root, String(count));
  await using _proxy = await openSshProxy(agent, path, ACCESS);
  const client = connect(path);
  try {
    await talk(client, path);
  } finally {
    client.destroy();
  }
}

/** The next bytes, as many as there should be. */
async function answer(client: Socket, length: number): Promise<string> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < length) {
    bytes = Buffer.concat([bytes, await new Promise<Buffer>((settle) => client.once('data', settle))]);
  }
  return bytes.toString('hex');
}

const closed = (stream: Duplex) =>
  new Promise<void>((settle) => (stream.destroyed ? settle() : stream.once('close', () => settle())));

test('lists identities and signs', async () => {
  const { agent } = echoAgent();
  await talking(agent, async (client) => {
    for (const type of [IDENTITIES, SIGN]) {
      const asked = message(type, 'body');
      client.write(asked);
      assert.is(await answer(client, asked.length), asked.toString('hex'));
    }
  });
});

test('adds no key, locks nothing and knows no extension: the agent never hears of it', async () => {
  const { agent, heard } = echoAgent();
  await talking(agent, async (client) => {
    for (const type of [17, 18, 19, 22, 23, 25, 26, 27, 0, 255]) {
      client.write(message(type, 'x'));
      assert.is(await answer(client, 5), FAILURE, String(type));
    }
    assert.equal(heard, []);
  });
});

test('reads messages as they are cut, also several at once', async () => {
  const { agent, heard } = echoAgent();
  await talking(agent, async (client) => {
    const both = Buffer.concat([message(IDENTITIES, 'abc'), message(SIGN, 'de')]);
    for (const byte of both) {
      client.write(Buffer.from([byte]));
      await new Promise((settle) => setImmediate(settle));
    }
    assert.is(await answer(client, both.length), both.toString('hex'));
    assert.is(heard.length, 2);
    client.write(Buffer.concat([message(IDENTITIES), message(17), message(SIGN)]));
    await answer(client, 15);
    assert.is(heard.length, 4);
  });
});

test('takes no message that is longer than an agent takes', async () => {
  const { agent, heard } = echoAgent();
  await talking(agent, async (client) => {
    const header = Buffer.alloc(5);
    header.writeUInt32BE(256 * 1024 + 1);
    header[4] = SIGN;
    client.write(header);
    await closed(client);
    assert.equal(heard, []);
  });
});

test('connects each client by itself, and ends both sides with either', async () => {
  const { agent, connections } = echoAgent();
  await talking(agent, async (client, path) => {
    const other = connect(path);
    for (const each of [client, other]) {
      each.write(message(IDENTITIES));
      await answer(each, 5);
    }
    assert.is(connections.length, 2);
    other.destroy();
    await closed(connections[1]!);
    assert.not(connections[0]!.destroyed);
    connections[0]!.destroy();
    await closed(client);
  });
});

test('survives an agent that is not there', async () => {
  const broken: SshAgent = {
    connect: () => {
      const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
      setImmediate(() => stream.destroy(new Error('no agent')));
      return stream;
    },
  };
  await talking(broken, async (client) => closed(client));
});

test('has the mode that the step asks for, and is gone afterwards', async () => {
  const { agent } = echoAgent();
  const path = join(root, 'mode');
  const proxy = await openSshProxy(agent, path, { ...ACCESS, mode: 0o660 });
  assert.is(statSync(path).mode & 0o777, 0o660);
  await proxy[Symbol.asyncDispose]();
  assert.not(existsSync(path));
});

test.run();
