import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readConfig } from '../../../src/engine/config.ts';
import { inspectImages } from '../../../src/engine/images/inspect.ts';
import { openServices } from '../../../src/engine/services.ts';
import { isMkimageError } from '../../../src/errors.ts';
import { BuildkitClient, type Served } from '../../support/buildkit-client.ts';
import { listenForBuildkit } from '../../support/buildkit-listener.ts';
import { programPath, withNeeds } from '../../support/needs.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('builds of BuildKit clients');

const place = tempDir('buildkit');
const root = join(place, 'root');
const socket = join(place, 'socket');
const services = openServices(readConfig({ MKIMAGE_ROOT: root }));
let listener: AsyncDisposable;
let count = 0;

test.before(async () => {
  listener = await listenForBuildkit(services, socket);
});
test.after(async () => {
  await listener[Symbol.asyncDispose]();
  await services[Symbol.asyncDispose]();
});

function createFolder(files: Readonly<Record<string, string>>): string {
  count += 1;
  const folder = join(place, String(count));
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function withClient<T>(served: Served, use: (client: BuildkitClient) => Promise<T>): Promise<T> {
  using client = await BuildkitClient.connect(socket, served);
  return await use(client);
}

const FILES = { Dockerfile: 'FROM scratch\nCOPY a b /\nLABEL who=me\n', a: 'A', b: 'B' };
const bothIn = (folder: string) => ({ context: folder, dockerfile: folder });

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => assert.unreachable('it should fail'),
    (error: Error) => error,
  ) as Promise<Error>;
}

test('an image is tagged in the store, and the client gets its name', () =>
  withClient({ folders: bothIn(createFolder(FILES)) }, async (client) => {
    const { exports, reports } = await client.build({
      exporters: [{ type: 'moby', attributes: { name: 'team/app' } }],
    });
    assert.is(exports.get('image.name'), 'team/app');
    const stored = services.store.resolve('docker.io/team/app:latest');
    const descriptor = JSON.parse(Buffer.from(exports.get('containerimage.descriptor')!, 'base64').toString());
    assert.is(descriptor.digest, stored?.target.digest);
    assert.is(exports.get('containerimage.digest'), exports.get('containerimage.config.digest'));
    const vertexes = reports.flatMap(({ vertexes }) => vertexes);
    const names = new Set(vertexes.map(({ name }) => name));
    assert.ok(names.has('[internal] load build definition from Dockerfile'), [...names].join('\n'));
    const last = new Map(vertexes.map((vertex) => [vertex.digest, vertex]));
    assert.ok([...last.values()].every(({ completed }) => completed !== undefined));
  }));

test('the progress of a build that has ended can still be read', () =>
  withClient({ folders: bothIn(createFolder(FILES)) }, async (client) => {
    const { ref, reports } = await client.build({});
    assert.is((await client.follow(ref, AbortSignal.timeout(4000))).length, reports.length);
  }));

test('a daemon that leads the build gives the same image', () =>
  withClient({ folders: bothIn(createFolder(FILES)) }, async (client) => {
    const wishes = { exporters: [{ type: 'image' }] };
    const one = await client.build(wishes);
    const other = await client.build({ ...wishes, isLedByDaemon: true });
    assert.is(one.exports.get('containerimage.digest'), other.exports.get('containerimage.digest'));
  }));

test('the context is fetched only if a step needs it, and without what is ignored', async () => {
  const folder = createFolder({ ...FILES, '.dockerignore': '# no\n/secret.txt\n', 'secret.txt': 'x' });
  await withClient({ folders: bothIn(folder) }, async (client) => {
    await client.build({});
    assert.ok(client.asked.includes('context all'));
  });
  const none = createFolder({ ...FILES, Dockerfile: 'FROM scratch\nLABEL a=b\n' });
  await withClient({ folders: bothIn(none) }, async (client) => {
    await client.build({});
    assert.equal(
      client.asked.filter((each) => each.startsWith('context')),
      [],
    );
  });
});

test('archives are sent to the exporter that asked for them', () =>
  withClient({ folders: bothIn(createFolder(FILES)) }, async (client) => {
    await client.build({ exporters: [{ type: 'oci' }, { type: 'tar', attributes: { dest: '/etc/never' } }] });
    assert.ok(client.received.get('0')?.includes('oci-layout'));
    assert.ok(client.received.get('1')?.includes('ustar'));
    assert.not.ok(existsSync('/etc/never'));
  }));

test('nothing of a build is left in the store but its image', () =>
  withClient({ folders: bothIn(createFolder(FILES)) }, async (client) => {
    await client.build({ exporters: [{ type: 'tar' }] });
    assert.equal(
      readdirSync(join(root, 'tmp')).filter((name) => name.startsWith('client-build')),
      [],
    );
  }));

test('build arguments, targets and platforms are those of the client', () =>
  withClient(
    {
      folders: bothIn(
        createFolder({ Dockerfile: 'FROM scratch AS one\nARG V\nLABEL v=$V\nFROM scratch\nCOPY nothing /\n' }),
      ),
    },
    async (client) => {
      const options = { target: 'one', 'build-arg:V': '7', 'label:__proto__': 'x', platform: 'linux/arm64' };
      const { exports } = await client.build({ options, exporters: [{ type: 'moby', attributes: { name: 'args' } }] });
      const [image] = await inspectImages(services, { images: ['args'], platform: undefined });
      assert.is(image?.Id, exports.get('containerimage.digest'));
      const labels = image?.Config.Labels ?? {};
      assert.equal([image?.Architecture, labels.v, Object.hasOwn(labels, '__proto__')], ['arm64', '7', true]);
    },
  ));

test('an image for several platforms has a reference for each', () =>
  withClient({ folders: bothIn(createFolder(FILES)) }, async (client) => {
    const { result } = await client.build({ options: { platform: 'linux/amd64,linux/arm64' } });
    assert.equal([...(result?.refs?.refs.keys() ?? [])], ['linux/amd64', 'linux/arm64']);
    const { Platforms } = JSON.parse(String(result?.metadata.get('refs.platforms')));
    assert.is(Platforms.length, 2);
  }));

test('errors have the lines of the build file', () =>
  withClient({ folders: bothIn(createFolder({ Dockerfile: 'FROM scratch\nCOPPY a /\n' })) }, async (client) => {
    assert.match((await failureOf(client.build({}))).message, /COPPY/);
  }));

test('a missing build file is reported as BuildKit does', () =>
  withClient({ folders: bothIn(createFolder({})) }, async (client) => {
    const { message } = await failureOf(client.build({}));
    assert.match(message, 'failed to read dockerfile: open Dockerfile: no such file or directory');
  }));

test('questions about the build file are answered without its context', () =>
  withClient(
    { folders: bothIn(createFolder({ Dockerfile: 'from scratch as One\nCOPY a /\n', a: 'A' })) },
    async (client) => {
      const ask = async (requestid: string) => (await client.build({ options: { requestid } })).result?.metadata;
      const lint = await ask('frontend.lint');
      assert.is(String(lint?.get('result.statuscode')), '1');
      assert.ok(JSON.parse(String(lint?.get('result.json'))).warnings.length > 0);
      assert.is(JSON.parse(String((await ask('frontend.targets'))?.get('result.json'))).targets[0].name, 'one');
      assert.ok(isMkimageError(await failureOf(ask('frontend.magic')), 'unsupported'));
    },
  ));

test('places of this machine are not for clients', async () => {
  const folder = createFolder(FILES);
  const refused = [
    { context: '/etc' },
    { filename: '/etc/passwd' },
    { filename: '../../etc/passwd' },
    { 'context:x': '/etc' },
    { 'context:x': 'oci-layout:///var/lib' },
    { 'cache-from': '', 'cache-imports': '[{"Type":"local","Attrs":{"src":"/etc"}}]' },
  ];
  await withClient({ folders: bothIn(folder) }, async (client) => {
    for (const options of refused) {
      const failure = await failureOf(client.build({ options: options as Record<string, string> }));
      assert.ok(
        isMkimageError(failure, 'unsupported') || isMkimageError(failure, 'network'),
        `${JSON.stringify(options)}: ${failure}`,
      );
    }
  });
});

test('hostile entries end the build and nothing else', async () => {
  const folder = createFolder(FILES);
  const stats = [
    { path: 'a', mode: 2 ** 27, linkname: '/tmp' },
    { path: 'a/x', mode: 0o644 },
  ];
  await withClient({ folders: bothIn(folder), stats }, async (client) => {
    assert.match((await failureOf(client.build({}))).message, 'its parent is not a directory');
  });
  await withClient({ folders: bothIn(folder) }, (client) => client.build({}));
});

test('builds of several clients at once do not see each other', async () => {
  const texts = ['1', '2', '3', '4', '5', '6'];
  const digests = await Promise.all(
    texts.map((text) =>
      withClient({ folders: bothIn(createFolder({ ...FILES, a: text })) }, async (client) => {
        const { exports } = await client.build({ exporters: [{ type: 'image' }] });
        return exports.get('containerimage.digest');
      }),
    ),
  );
  assert.is(new Set(digests).size, texts.length);
});

test('a result can be the base of the next build of the client', async () => {
  const result = await withClient({ folders: bothIn(createFolder(FILES)) }, async (client) => {
    return (await client.build({})).result?.ref?.definition;
  });
  const next = createFolder({ Dockerfile: 'FROM lib\nCOPY --from=lib /a /again\n' });
  await withClient({ folders: bothIn(next) }, async (client) => {
    const options = { 'context:lib': 'input:0' };
    const { exports } = await client.build({
      options,
      inputs: { 0: result! },
      exporters: [{ type: 'moby', attributes: { name: 'next' } }],
    });
    const [image] = await inspectImages(services, { images: ['next'], platform: undefined });
    assert.equal([image?.Id, image?.Config.Labels?.who], [exports.get('containerimage.digest'), 'me']);
    const foreign = { ...result!, operations: result!.operations.map((each) => Buffer.from(each).fill(55, 30)) };
    const failure = await failureOf(client.build({ options, inputs: { 0: foreign } }));
    assert.ok(!failure.message.includes('internal'), failure.message);
  });
});

test('a client that goes away takes its build with it', async () => {
  const folder = createFolder(FILES);
  const leftovers = () => readdirSync(join(root, 'tmp')).filter((name) => name.startsWith('client-build'));
  const client = await BuildkitClient.connect(socket, { folders: bothIn(folder), hangs: true });
  const failure = failureOf(client.build({}));
  for (let tries = 0; tries < 200 && !client.asked.some((each) => each.startsWith('context')); tries += 1)
    await setTimeout(25);
  assert.is(leftovers().length, 1);
  client[Symbol.dispose]();
  assert.ok(isMkimageError(await failure));
  for (let tries = 0; tries < 200 && leftovers().length > 0; tries += 1) await setTimeout(25);
  assert.equal(leftovers(), []);
});

test('a session without an ID, or with that of another, gets no connection', async () => {
  const ask = async (headers: string): Promise<string> => {
    const connection = createConnection(socket);
    connection.on('error', () => {});
    connection.write(`POST /session HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n${headers}\r\n`);
    let answer = '';
    connection.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    const first = await Promise.race([once(connection, 'close').then(() => 'closed'), setTimeout(300, 'open')]);
    openConnections.push(connection);
    return `${answer.split('\r\n')[0]}, ${first}`;
  };
  const openConnections: Socket[] = [];
  assert.is(await ask(''), 'HTTP/1.1 400 Bad Request, closed');
  const own = 'X-Docker-Expose-Session-Uuid: same\r\n';
  assert.is(await ask(own), 'HTTP/1.1 101 Switching Protocols, open');
  assert.match(await ask(own), /closed$/);
  for (const connection of openConnections) connection.destroy();
});

const needed = withNeeds(test, { root: true, programs: ['busybox'] });
const withShell = (text: string): string => {
  const folder = createFolder({ Dockerfile: `FROM scratch\nCOPY sh /bin/sh\n${text}` });
  copyFileSync(programPath('busybox')!, join(folder, 'sh'));
  return folder;
};

needed('steps get secrets of the client, and their output is shown', () => {
  const folder = withShell('RUN --mount=type=secret,id=token [ $(cat /run/secrets/token) = 1234 ] && echo it is\n');
  return withClient({ folders: bothIn(folder), secrets: { token: '1234' } }, async (client) => {
    const { reports } = await client.build({ options: { 'build-arg:PATH': '/bin' } });
    const output = reports.flatMap(({ logs }) => logs.map(({ message }) => String(message))).join('');
    assert.match(output, 'it is');
    assert.ok(client.asked.includes('secret token'));
  });
});

needed('a step that fails is reported with the words of BuildKit', () =>
  withClient({ folders: bothIn(withShell('RUN exit 7\n')) }, async (client) => {
    const { message } = await failureOf(client.build({}));
    assert.match(message, 'process "/bin/sh -c exit 7" did not complete successfully: exit code: 7');
  }),
);

test('an unknown exporter and a policy are refused', () =>
  withClient({ folders: bothIn(createFolder(FILES)) }, async (client) => {
    const failure = await failureOf(client.build({ exporters: [{ type: 'nydus' }] }));
    assert.match(failure.message, 'exporter `nydus` could not be found');
  }));

test.run();
