import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BucketStorage } from '../../../src/cache/shared/bucket.ts';
import { findIdentity, findRegion } from '../../../src/cache/shared/bucket-settings.ts';
import { HttpClient } from '../../../src/http/index.ts';
import { createQuietCall } from '../../../src/progress.ts';
import { sharedCacheContract } from '../../contract/shared-cache.ts';
import { startBucketServer } from '../../support/bucket-server.ts';
import { rejects } from '../../support/rejects.ts';
import { serve } from '../../support/scripted-server.ts';
import { tempDir } from '../../support/temp.ts';

const call = createQuietCall();
const http = new HttpClient();
const server = await startBucketServer();
let names = 0;

function storageAt(endpoint: string, name: string, secretAccessKey = 'S3RVER') {
  return new BucketStorage({
    ...{ http, bucket: 'cache', region: 'us-east-1', endpoint, usePathStyle: true, names: [name] },
    ...{ blobsPrefix: `${name}/blobs/`, manifestsPrefix: `${name}/manifests/` },
    credentials: { accessKeyId: 'S3RVER', secretAccessKey, sessionToken: undefined },
  });
}

sharedCacheContract('bucket', async () => {
  const name = `cache ${++names}`;
  return () => storageAt(server.endpoint, name);
});

const test = suite('a shared cache in a bucket');
const document = Buffer.from('{"version":1}');

test('has blobs and manifests under their prefixes', async () => {
  await storageAt(server.endpoint, 'placed').publish({ document, blobs: [] }, call);
  const files = readdirSync(join(server.directory, 'cache'), { recursive: true }).map(String);
  assert.ok(
    files.some((file) => file.startsWith('placed/manifests/placed')),
    files.join(),
  );
  assert.ok(
    files.some((file) => file.includes('placed/blobs/sha256')),
    files.join(),
  );
});

test('refused credentials are an error that says so, without the secret', async () => {
  await using scripted = await serve((_request, response) =>
    response.writeHead(403).end('<Error><Message>The signature does not match</Message></Error>'),
  );
  const storage = storageAt(`http://127.0.0.1:${scripted.port}`, 'x', 'wrong-secret');
  const error = await rejects(storage.publish({ document, blobs: [] }, call), 'registry');
  assert.match(error.message, /The signature does not match \(status 403\)/);
  assert.not.match(error.message, /wrong-secret/);
});

test('a cache that BuildKit wrote under this name is not read', async () => {
  await using scripted = await serve((_request, response) => response.end('{"layers":[],"records":[]}'));
  await rejects(storageAt(`http://127.0.0.1:${scripted.port}`, 'x').readDocument(call), 'unsupported', /BuildKit/);
});

test('requests are signed, and the bucket is in the host unless the path style is wanted', async () => {
  await using scripted = await serve((_request, response) => response.writeHead(404).end());
  await storageAt(`http://127.0.0.1:${scripted.port}/base`, 'a b').readDocument(call);
  const [{ path, headers }] = scripted.seen as [(typeof scripted.seen)[number]];
  assert.is(path, '/base/cache/a%20b/manifests/a%20b');
  assert.match(headers.authorization ?? '', /^AWS4-HMAC-SHA256 Credential=S3RVER\/\d{8}\/us-east-1\/s3\/aws4_request/);
});

test('a server that says to slow down is asked a few times, and then it is an error', async () => {
  await using scripted = await serve((_request, response) => response.writeHead(429, { 'retry-after': '0' }).end());
  const error = await rejects(storageAt(`http://127.0.0.1:${scripted.port}`, 'x').readDocument(call), 'registry');
  assert.is(error.evidence?.status, 429);
  assert.is(scripted.seen.length, 3);
});

test('settings come from the variables and the profile of AWS', () => {
  const file = join(tempDir('aws'), 'credentials');
  writeFileSync(
    file,
    '[default]\naws_access_key_id = a\naws_secret_access_key = b\n[ci]\naws_access_key_id=c\naws_secret_access_key=d\naws_session_token = t\n',
  );
  const at = (env: Record<string, string>) => findIdentity({ AWS_SHARED_CREDENTIALS_FILE: file, ...env });
  assert.equal(at({}), { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: undefined });
  assert.equal(at({ AWS_PROFILE: 'ci' }), { accessKeyId: 'c', secretAccessKey: 'd', sessionToken: 't' });
  assert.is(at({ AWS_PROFILE: 'none' }), undefined);
  assert.equal(at({ AWS_ACCESS_KEY_ID: 'e', AWS_SECRET_ACCESS_KEY: 'f' })?.accessKeyId, 'e');
  assert.is(findIdentity({ HOME: '/nowhere' }), undefined);
  assert.equal([findRegion({ AWS_DEFAULT_REGION: 'r' }), findRegion({})], ['r', undefined]);
});

test.after(async () => {
  await http[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
test.run();
