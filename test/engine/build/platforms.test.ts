import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseOutput } from '../../../src/docker-syntax/index.ts';
import { findTargetPlatforms, refuseIndexForDocker } from '../../../src/engine/build/platforms.ts';
import { isMkimageError } from '../../../src/errors.ts';
import { formatPlatform, parseWantedPlatform } from '../../../src/oci/index.ts';

const test = suite('platforms of a build');
const HOST = { os: 'linux', architecture: 'amd64' };

function find(texts: readonly string[], multi?: string) {
  const buildArgs: Record<string, string> = multi === undefined ? {} : { BUILDKIT_MULTI_PLATFORM: multi };
  const { platforms, isIndex } = findTargetPlatforms({ platforms: texts.map(parseWantedPlatform), buildArgs }, HOST);
  return [...platforms.map(formatPlatform), isIndex ? 'index' : 'manifest'].join(' ');
}

test('without a request it is the platform of the machine', () => {
  assert.is(find([]), 'linux/amd64 manifest');
});

test('several platforms make an index, sorted by name and each once', () => {
  assert.is(find(['linux/arm64', 'linux/amd64']), 'linux/amd64 linux/arm64 index');
  assert.is(find(['arm64', 'linux/arm64/v8']), 'linux/arm64 manifest');
  assert.is(find(['linux/s390x', 'local', 'linux/s390x']), 'linux/amd64 linux/s390x index');
});

test('BUILDKIT_MULTI_PLATFORM makes an index of one platform', () => {
  assert.is(find([], '1'), 'linux/amd64 index');
  assert.is(find(['linux/arm64'], 'true'), 'linux/arm64 index');
  assert.is(find(['linux/arm64'], 'false'), 'linux/arm64 manifest');
  assert.is(find([], ''), 'linux/amd64 manifest');
});

test('BUILDKIT_MULTI_PLATFORM excludes several platforms, and must be true or false', () => {
  const isUsage = (error: unknown) => isMkimageError(error, 'usage');
  assert.throws(() => find(['linux/arm64', 'linux/amd64'], '0'), isUsage);
  assert.throws(() => find([], 'maybe'), isUsage);
});

test('an archive for docker cannot contain an index', () => {
  const outputs = ['type=oci,dest=a.tar', 'type=docker,dest=b.tar'].map(parseOutput);
  const platforms = [HOST] as const;
  const isUsage = (error: unknown) => isMkimageError(error, 'usage') && /type=docker/.test(error.message);
  assert.throws(() => refuseIndexForDocker(outputs, { platforms, isIndex: true }), isUsage);
  refuseIndexForDocker(outputs, { platforms, isIndex: false });
  refuseIndexForDocker(outputs.slice(0, 1), { platforms, isIndex: true });
});

test.run();
