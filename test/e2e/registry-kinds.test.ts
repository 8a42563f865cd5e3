/** Login, push and pull with every kind of registry that docker-registry can be, judged by skopeo. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn, succeed } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry, type TestRegistry } from '../support/registry.ts';
import { tempDir } from '../support/temp.ts';
import { throwawayCertificate } from '../support/throwaway-certificate.ts';
import { serveTokens } from '../support/token-server.ts';

const test = suite('kinds of registries');
const withRegistry = withNeeds(test, { programs: [REGISTRY_PROGRAM, 'openssl', 'skopeo'] });
const root = tempDir('registry-kinds');
let count = 0;

// bcrypt of `secret`, cost 4.
const HTPASSWD = 'user:$2y$04$1bihrk7dOewgZWRVyYCOPe3NJffiD5Lzy7d/UR4owPH.JrPa7GgCq\n';

interface Kind {
  readonly registry: TestRegistry;
  readonly needsLogin?: boolean;
  /** PEM of its authority. */
  readonly authority?: string;
  readonly others?: AsyncDisposable;
}

const kinds: Readonly<Record<string, () => Promise<Kind>>> = {
  'an open registry': async () => ({ registry: await startRegistry() }),
  'a registry with passwords': async () => ({
    registry: await startRegistry({ htpasswd: HTPASSWD }),
    needsLogin: true,
  }),
  'a registry with tokens': async () => {
    const tokens = await serveTokens({ ...throwawayCertificate(['localhost']), username: 'user', password: 'secret' });
    return { registry: await startRegistry({ token: tokens.trust }), needsLogin: true, others: tokens };
  },
  'a registry with TLS and an authority of its own': async () => {
    const tls = throwawayCertificate(['localhost']);
    return { registry: await startRegistry({ tls }), authority: tls.cert };
  },
  'a registry with TLS and passwords': async () => {
    const tls = throwawayCertificate(['localhost']);
    return { registry: await startRegistry({ tls, htpasswd: HTPASSWD }), authority: tls.cert, needsLogin: true };
  },
};

/** A user with a home of their own, who trusts the authority. */
function newUser(host: string, { authority }: Kind) {
  const home = join(root, `user-${++count}`);
  const folder = join(home, '.config/containers/certs.d', host);
  mkdirSync(folder, { recursive: true });
  if (authority !== undefined) writeFileSync(join(folder, 'ca.crt'), authority);
  const none = { REGISTRY_AUTH_FILE: '', DOCKER_CONFIG: '', DOCKER_AUTH_CONFIG: '', SSL_CERT_FILE: '' };
  const env = { ...none, HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_RUNTIME_DIR: join(home, 'run') };
  const run = mkimageIn(join(home, 'store'), { env });
  const done = async (args: readonly string[], input = '') => {
    const result = await run(args, { input });
    assert.is(result.code, 0, result.stderr);
    return result.stdout;
  };
  return { run, done };
}

/** Pushes by `build --push` and by `push`, and pulls with another store. */
async function useRegistry(kind: Kind): Promise<void> {
  const { host } = kind.registry;
  const name = `${host}/team/app`;
  const context = join(root, `context-${++count}`);
  mkdirSync(context);
  writeFileSync(join(context, 'file'), Buffer.alloc(200_000, count));
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY file /\n');
  const [maker, taker] = [newUser(host, kind), newUser(host, kind)];
  if (kind.needsLogin) {
    const refused = await maker.run(['build', '--push', '-t', `${name}:1`, context]);
    assert.is(refused.code, 5, refused.stderr);
    const login = ['login', '-u', 'user', '--password-stdin', host];
    assert.is((await maker.run(login, { input: 'wrong' })).code, 5);
    await maker.done(login, 'secret');
    await taker.done(login, 'secret');
  }
  const digestFile = join(context, '..', `digest-${count}`);
  await maker.done(['build', '-q', '--push', '--digest-file', digestFile, '-t', `${name}:1`, context]);
  await maker.done(['tag', `${name}:1`, `${name}:2`]);
  await maker.done(['push', '-q', `${name}:2`]);
  await taker.done(['pull', '-q', `${name}:2`]);
  const credentials = kind.needsLogin ? ['--creds', 'user:secret'] : [];
  const inspected = await succeed('skopeo', ['inspect', '--tls-verify=false', ...credentials, `docker://${name}:2`]);
  const digests = await taker.done(['images', '--digests', '--no-trunc', name]);
  assert.match(digests, new RegExp(JSON.parse(inspected).Digest));
}

for (const [what, start] of Object.entries(kinds)) {
  withRegistry(`${what} takes a push and gives it back`, async () => {
    const kind = await start();
    try {
      await useRegistry(kind);
    } finally {
      await kind.registry[Symbol.asyncDispose]();
      await kind.others?.[Symbol.asyncDispose]();
    }
  });
}

test.run();
