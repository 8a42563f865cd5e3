import { sign, X509Certificate } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf, MEDIA_TYPE } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { registryContract } from '../contract/registry.ts';
import { memoryRegistry } from '../fakes/memory-registry.ts';
import { withNeeds } from '../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry, type TestRegistry } from '../support/registry.ts';
import { registryClient } from '../support/registry-client.ts';
import { rejects } from '../support/rejects.ts';
import { serve } from '../support/scripted-server.ts';
import { throwawayCertificate } from '../support/throwaway-certificate.ts';

const asFilled = async (server: TestRegistry) => {
  const registry = registryClient();
  return {
    ...{ registry, host: server.host, putBlob: server.putBlob, putManifest: server.putManifest },
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
};

registryContract('docker-registry', { programs: [REGISTRY_PROGRAM] }, async () => asFilled(await startRegistry()));
registryContract('memory fake', {}, async () => memoryRegistry());

const test = suite('registry client with docker-registry');
const whereInstalled = withNeeds(test, { programs: [REGISTRY_PROGRAM] });
const call = createQuietCall();

const layer = Buffer.alloc(300_000, 'layer ');
const config = Buffer.from(
  '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]},"history":[]}',
);
const layerDescriptor = { mediaType: MEDIA_TYPE.layer, digest: digestOf(layer), size: layer.length };
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: MEDIA_TYPE.manifest,
  config: { mediaType: MEDIA_TYPE.config, digest: digestOf(config), size: config.length },
  layers: [layerDescriptor],
});

async function filledRegistry(options: Parameters<typeof startRegistry>[0] = {}) {
  const registry = await startRegistry(options);
  await registry.putBlob('team/app', layer);
  await registry.putBlob('team/app', config);
  await registry.putManifest('team/app', '1.0', MEDIA_TYPE.manifest, manifest);
  return registry;
}

whereInstalled('fetches a manifest by tag and by digest, and a blob', async () => {
  await using registry = await filledRegistry();
  await using client = registryClient();
  const name = { registry: registry.host, repository: 'team/app' };

  const byTag = await client.manifest({ ...name, tag: '1.0' }, call);
  assert.is(byTag.descriptor.digest, digestOf(manifest));
  assert.is(byTag.descriptor.mediaType, MEDIA_TYPE.manifest);
  assert.is(Buffer.from(byTag.bytes).toString(), manifest);

  const byDigest = await client.manifest({ ...name, digest: byTag.descriptor.digest }, call);
  assert.equal(byDigest, byTag);

  const bytes = await buffer(await client.repository(name).open(layerDescriptor, call));
  assert.is(digestOf(bytes), layerDescriptor.digest);
});

whereInstalled('says what does not exist', async () => {
  await using registry = await filledRegistry();
  await using client = registryClient();
  const name = { registry: registry.host, repository: 'team/app' };
  await rejects(client.manifest({ ...name, tag: 'nope' }, call), 'not-found', /team\/app:nope`: manifest unknown/);
  const missing = { ...layerDescriptor, digest: digestOf('other') };
  await rejects(client.repository(name).open(missing, call), 'not-found', /blob unknown/);
});

whereInstalled('sends a password to a registry that asks for one, and explains a refusal', async () => {
  // bcrypt of `secret`, cost 4.
  const htpasswd = 'user:$2y$04$1bihrk7dOewgZWRVyYCOPe3NJffiD5Lzy7d/UR4owPH.JrPa7GgCq\n';
  await using registry = await filledRegistry({ htpasswd, authorization: `Basic ${btoa('user:secret')}` });
  const reference = { registry: registry.host, repository: 'team/app', tag: '1.0' };

  await using stranger = registryClient();
  await rejects(stranger.manifest(reference, call), 'registry', /status 401/);

  const credentials = async (host: string) =>
    host === registry.host ? { username: 'user', secret: 'secret' } : undefined;
  await using user = registryClient({ credentials });
  assert.is((await user.manifest(reference, call)).descriptor.digest, digestOf(manifest));
});

withNeeds(test, { programs: [REGISTRY_PROGRAM, 'openssl'] })(
  'gets tokens from the token server that a registry trusts',
  async () => {
    const { key, cert } = throwawayCertificate(['tokens']);
    const mint = (actions: readonly string[]) => signedToken(key, cert, actions);
    await using tokens = await serve((_request, response) => response.end(JSON.stringify({ token: mint(['pull']) })));
    const token = { realm: `http://127.0.0.1:${tokens.port}/token`, issuer: 'issuer', service: 'registry', cert };
    await using registry = await filledRegistry({ token, authorization: `Bearer ${mint(['pull', 'push'])}` });
    await using client = registryClient();
    const name = { registry: registry.host, repository: 'team/app' };
    await client.manifest({ ...name, tag: '1.0' }, call);
    assert.is((await buffer(await client.repository(name).open(layerDescriptor, call))).length, layer.length);
    assert.equal(
      tokens.seen.map(({ path }) => path),
      ['/token?service=registry&scope=repository%3Ateam%2Fapp%3Apull'],
    );
    await rejects(client.manifest({ ...name, repository: 'other/app', tag: '1.0' }, call), 'registry', /status 401/);
  },
);

/** A token as distribution's token server makes them, for one repository. */
function signedToken(key: string, cert: string, actions: readonly string[]): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const chain = [new X509Certificate(cert).raw.toString('base64')];
  const now = Math.floor(Date.now() / 1000);
  const access = [{ type: 'repository', name: 'team/app', actions }];
  const claims = { iss: 'issuer', sub: '', aud: 'registry', jti: '1', nbf: now - 60, iat: now, exp: now + 600, access };
  const text = `${part({ typ: 'JWT', alg: 'ES256', x5c: chain })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

test.run();
