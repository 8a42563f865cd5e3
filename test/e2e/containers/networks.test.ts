/** Networks and published ports, with the built command line. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ContainerStore, openContainerStore } from '../../support/container-store.ts';
import { withNeeds } from '../../support/needs.ts';

const test = suite('networks of containers');
const asRoot = withNeeds(test, { root: true, programs: ['busybox', 'ip', 'nft'] });
const SERVER = ['sh', '-c', 'mkdir /w; hostname >/w/index.html; exec httpd -f -p 80 -h /w'];

let store: ContainerStore;
let interfaces: readonly string[] = [];
test.before(async () => {
  if (process.getuid?.() !== 0) return;
  store = await openContainerStore('networks');
  interfaces = readdirSync('/sys/class/net');
});

const hostAddress = (): string =>
  Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('172.'))?.address ??
  '127.0.0.1';

/** The body, as soon as the server listens. */
async function fetchText(url: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await (await fetch(url, { signal: AbortSignal.timeout(3000) })).text();
    } catch (error) {
      if (attempt === 50) throw error;
      await sleep(100);
    }
  }
}

async function refuses(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    () => false,
    () => true,
  );
}

async function settingsOf(container: string): Promise<{
  readonly IPAddress: string;
  readonly Gateway: string;
  readonly Ports: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>>;
  readonly Networks: Readonly<Record<string, { readonly IPAddress: string; readonly DNSNames: readonly string[] }>>;
}> {
  return JSON.parse(await store.must('inspect', '-f', '{{json .NetworkSettings}}', container));
}

asRoot(
  'a service answers on its published ports while it runs, from 127.0.0.1 and by every address of the host',
  async () => {
    const publish = ['-p', '80', '-p', '127.0.0.1::80', '--expose', '90', '-h', 'served'];
    await store.must('run', '-d', '--name', 'web', ...publish, 'bb', ...SERVER);
    const { Ports } = await settingsOf('web');
    assert.is(Ports['90/tcp'], null);
    const [everywhere, here] = Ports['80/tcp']!;
    assert.equal([everywhere?.HostIp, here?.HostIp], ['0.0.0.0', '127.0.0.1']);
    assert.is(await fetchText(`http://127.0.0.1:${everywhere?.HostPort}/`), 'served\n');
    assert.is(await fetchText(`http://${hostAddress()}:${everywhere?.HostPort}/`), 'served\n');
    assert.is(await fetchText(`http://127.0.0.1:${here?.HostPort}/`), 'served\n');
    assert.ok(await refuses(`http://${hostAddress()}:${here?.HostPort}/`), 'a port of 127.0.0.1 is only there');
    assert.is(
      await store.must('port', 'web'),
      `80/tcp -> 0.0.0.0:${everywhere?.HostPort}\n80/tcp -> 127.0.0.1:${here?.HostPort}\n`,
    );
    assert.is(await store.must('port', 'web', '80'), `0.0.0.0:${everywhere?.HostPort}\n127.0.0.1:${here?.HostPort}\n`);
    assert.match((await store.mkimage(['port', 'web', '90'])).stderr, /No public port '90\/tcp' published for web/);
    await store.must('stop', '-t', '0', 'web');
    assert.ok(await refuses(`http://127.0.0.1:${everywhere?.HostPort}/`));
    assert.is(await store.must('port', 'web'), '');
    await store.must('start', 'web');
    const again = (await settingsOf('web')).Ports['80/tcp']![0]!;
    assert.is(await fetchText(`http://127.0.0.1:${again.HostPort}/`), 'served\n');
    await store.must('rm', '-f', 'web');
  },
);

asRoot('a port that is in use is refused, and a range gives a free one of it', async () => {
  const server = createServer().listen(0, '0.0.0.0');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const refused = await store.mkimage(['run', '--name', 'late', '-p', `${port}:80`, 'bb', 'true']);
  assert.is(refused.code, 125);
  assert.match(refused.stderr, new RegExp(`Bind for 0\\.0\\.0\\.0:${port} failed: port is already allocated`));
  assert.is(await store.must('inspect', '-f', '{{.State.Status}}', 'late'), 'created\n');
  await store.must('run', '-d', '--name', 'ranged', '-p', `${port}-${port + 5}:80`, 'bb', 'sleep', '60');
  const given = Number((await settingsOf('ranged')).Ports['80/tcp']![0]!.HostPort);
  assert.ok(given > port && given <= port + 5);
  assert.is((await store.mkimage(['run', '--rm', '-p', `${given}:80`, 'bb', 'true'])).code, 125);
  server.close();
  await store.must('rm', '-f', 'ranged', 'late');
});

asRoot('containers of a user network find each other by name and alias, and others do not reach them', async () => {
  await store.must('network', 'create', '--label', 'of=tests', 'app');
  await store.must('run', '-d', '--name', 'db', '--network', 'app', '--network-alias', 'storage', 'bb', ...SERVER);
  const { IPAddress, Networks } = await settingsOf('db');
  const ask = (network: string, url: string) =>
    store.mkimage([
      'run',
      '--rm',
      '--network',
      network,
      'bb',
      'sh',
      '-c',
      `for i in 1 2 3 4 5; do wget -qO- ${url} && exit; sleep 1; done; exit 7`,
    ]);
  const id = (await store.must('ps', '-q', '-f', 'name=db')).trim();
  for (const name of ['db', 'storage', id]) assert.is((await ask('app', `http://${name}/`)).stdout, `${id}\n`, name);
  assert.equal(Networks.app?.DNSNames, ['db', 'storage', id]);
  const outside = await store.mkimage(['run', '--rm', 'bb', 'sh', '-c', `nc -w 1 ${IPAddress} 80 </dev/null`]);
  assert.is(outside.code, 1, 'another network');
  const member = JSON.parse(await store.must('network', 'inspect', 'app'))[0];
  assert.equal(
    Object.values(member.Containers).map((each) => (each as { Name: string }).Name),
    ['db'],
  );
  const long = 'name=app,alias=other,ip=';
  assert.match(
    (await store.mkimage(['run', '--rm', '--network', `${long}${IPAddress}`, 'bb', 'true'])).stderr,
    /Address already in use/,
  );
  assert.match((await store.mkimage(['network', 'rm', 'app'])).stderr, /has active endpoints/);
  await store.must('rename', 'db', 'data');
  assert.is((await ask('app', 'http://data/')).stdout, `${id}\n`);
  await store.must('rm', '-f', 'data');
  await store.must('network', 'rm', 'app');
});

asRoot('a running container is connected to a network and taken out of it', async () => {
  await store.must('network', 'create', '--subnet', '10.213.7.0/24', 'fixed');
  await store.must('run', '-d', '--name', 'moving', 'bb', 'sleep', '60');
  await store.must('network', 'connect', '--ip', '10.213.7.9', '--alias', 'goal', 'fixed', 'moving');
  assert.equal(Object.keys((await settingsOf('moving')).Networks), ['bridge', 'fixed']);
  assert.is((await settingsOf('moving')).Networks.fixed?.IPAddress, '10.213.7.9');
  const ping = ['run', '--rm', '--network', 'fixed', 'bb', 'ping', '-c', '1', '-W', '2', 'goal'];
  assert.match(await store.must(...ping), /10\.213\.7\.9/);
  assert.match((await store.mkimage(['network', 'connect', 'fixed', 'moving'])).stderr, /already exists in network/);
  await store.must('network', 'disconnect', 'fixed', 'moving');
  assert.is((await store.mkimage(ping)).code, 1);
  await store.must('network', 'connect', 'fixed', 'moving');
  await store.must('network', 'disconnect', 'bridge', 'moving');
  await store.must('network', 'connect', 'bridge', 'moving');
  assert.equal(Object.keys((await settingsOf('moving')).Networks), ['fixed', 'bridge']);
  await store.must('restart', '-t', '0', 'moving');
  assert.match((await settingsOf('moving')).Networks.fixed!.IPAddress, /^10\.213\.7\./, 'also after a restart');
  await store.must('rm', '-f', 'moving');
  await store.must('network', 'rm', 'fixed');
});

asRoot('hosts, name servers and the modes none and container are as asked', async () => {
  const flags = [
    '--add-host',
    'here:host-gateway',
    '--add-host',
    'there:10.9.8.7',
    '--dns',
    '10.1.1.1',
    '--dns-search',
    'x.test',
  ];
  const shown = await store.must(
    'run',
    '--rm',
    ...flags,
    'bb',
    'sh',
    '-c',
    'cat /etc/hosts /etc/resolv.conf; ip route',
  );
  const gateway = shown.split('default via ')[1]?.split(' ')[0];
  assert.match(shown, `${gateway}\there\n`);
  assert.match(shown, '10.9.8.7\tthere\n');
  assert.match(shown, 'nameserver 10.1.1.1\nsearch x.test\n');
  assert.not.match(await store.must('run', '--rm', '--network', 'none', 'bb', 'ip', 'addr'), /eth0/);
  await store.must('run', '-d', '--name', 'first', 'bb', ...SERVER);
  const inside = 'for i in 1 2 3 4 5; do wget -qO- http://127.0.0.1/ && exit; sleep 1; done';
  assert.match(
    await store.must('run', '--rm', '--network', 'container:first', 'bb', 'sh', '-c', inside),
    /^[0-9a-f]{12}\n$/,
  );
  const both = await store.mkimage(['run', '--rm', '--network', 'container:first', '-p', '80', 'bb', 'true']);
  assert.match(both.stderr, /conflicting options: port publishing and the container type network mode/);
  await store.must('rm', '-f', 'first');
});

asRoot('an internal network has no way out', async () => {
  await store.must('network', 'create', '--internal', 'inner');
  assert.not.match(await store.must('run', '--rm', '--network', 'inner', 'bb', 'ip', 'route'), /default/);
  assert.is(
    await store.must('network', 'ls', '-f', 'type=custom', '--format', '{{.Name}} {{.Internal}}'),
    'inner true\n',
  );
  await store.must('network', 'prune');
  assert.is(await store.must('network', 'ls', '--format', '{{.Name}}'), 'bridge\nhost\nnone\n');
});

asRoot('what cannot be done is refused', async () => {
  const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [['run', '--rm', '--network', 'nowhere', 'bb', 'true'], /network nowhere not found/],
    [
      ['run', '--rm', '--network', 'bridge', '--ip', '10.0.0.3', 'bb', 'true'],
      /user specified IP address is supported on user defined/,
    ],
    [['run', '--rm', '-p', '[::1]:80:80', 'bb', 'true'], /only IPv4 addresses are supported/],
    [['network', 'create', '--driver', 'overlay', 'x'], /the driver overlay is not supported/],
    [['network', 'create', '../x'], /invalid network name/],
    [['network', 'create', 'bridge'], /predefined bridge network/],
    [['network', 'create', '--subnet', '300.0.0.0/8', 'x'], /invalid subnet/],
    [['network', 'rm', 'host'], /pre-defined network and cannot be removed/],
  ];
  for (const [args, message] of cases) {
    const result = await store.mkimage(args);
    assert.is.not(result.code, 0, args.join(' '));
    assert.match(result.stderr, message);
  }
});

withNeeds(test, { root: true, programs: ['busybox', 'ip', 'nft', 'iptables', 'unshare'] })(
  'where Docker drops packets of others, its chain for them lets those of containers pass, once',
  async () => {
    const chains = 'iptables -N DOCKER-USER && iptables -A FORWARD -j DOCKER-USER && iptables -P FORWARD DROP';
    const run = `${process.execPath} dist/cli.js run --rm bb true`;
    const script = `ip link set lo up && ${chains} && ${run} && ${run} && iptables -S DOCKER-USER`;
    const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, MKIMAGE_ROOT: store.root };
    const rules = execFileSync('unshare', ['--net', 'sh', '-c', script], { env, timeout: 60_000 }).toString();
    assert.equal(rules.trim().split('\n').sort(), [
      '-A DOCKER-USER -i mk-+ -j ACCEPT',
      '-A DOCKER-USER -o mk-+ -j ACCEPT',
      '-N DOCKER-USER',
    ]);
  },
);

withNeeds(test, { root: true, programs: ['busybox', 'setpriv'] })(
  'without the means for a bridge, a container gets the network of the host with a warning, and all else is refused',
  async () => {
    const run = (...args: readonly string[]) => {
      const command = ['--inh-caps=-net_admin', '--bounding-set=-net_admin', process.execPath, 'dist/cli.js', ...args];
      return spawnSync('setpriv', command, {
        env: { ...process.env, MKIMAGE_ROOT: store.root },
        encoding: 'utf8',
        timeout: 30_000,
      });
    };
    const plain = run('run', '--rm', 'bb', 'echo', 'ran');
    assert.equal([plain.status, plain.stdout], [0, 'ran\n']);
    assert.match(plain.stderr, /^WARNING: The container uses the network of the host, .* NET_ADMIN\n$/);
    for (const flags of [
      ['-p', '80'],
      ['--network', 'bridge'],
    ]) {
      const refused = run('run', '--rm', ...flags, 'bb', 'true');
      assert.is(refused.status, 125);
      assert.match(refused.stderr, /networks of containers cannot be had on this machine: .*NET_ADMIN/);
    }
  },
);

asRoot('nothing is left when no container runs, also after the processes of one were killed', async () => {
  await store.must('network', 'create', 'left');
  const id = (await store.must('run', '-d', '--network', 'left', '-p', '80', 'bb', 'sleep', '60')).trim();
  const pid = Number(await store.must('inspect', '-f', '{{.State.Pid}}', id));
  process.kill(pid, 'SIGKILL');
  for (let waited = 0; waited < 100 && !(await store.must('ps', '-q')).includes(id.slice(0, 12)) === false; waited++)
    await sleep(50);
  await store.must('rm', '-f', id);
  await store.must('network', 'rm', 'left');
  for (let waited = 0; waited < 100 && readdirSync('/sys/class/net').some(isOurs); waited++) await sleep(50);
  assert.equal(readdirSync('/sys/class/net').filter(isOurs), []);
});

const isOurs = (name: string) => /^m[kv]-/.test(name) && !interfaces.includes(name);

test.run();
