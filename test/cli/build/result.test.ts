import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  refuseArchiveOnTerminal,
  removeStaleId,
  takesStdout,
  writeResultFiles,
} from '../../../src/cli/build/result.ts';
import type { BuildResult } from '../../../src/engine/build-request.ts';
import { isMkimageError } from '../../../src/errors.ts';
import { digestOf } from '../../../src/oci/index.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('build result');

const directory = tempDir('build-result');
const manifest = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digestOf('m'), size: 1 };
const RESULT: BuildResult = {
  config: digestOf('c'),
  manifest,
  platform: { os: 'linux', architecture: 'amd64' },
  names: ['docker.io/library/app:latest', 'docker.io/library/app:1'],
  outputs: [],
  warnings: [],
  file: { name: 'Dockerfile', text: '' },
};

test('writes the image ID without a line feed, and buildx metadata', () => {
  const files = { iidfile: join(directory, 'iid'), metadataFile: join(directory, 'metadata.json') };
  writeResultFiles(RESULT, files);
  assert.is(readFileSync(files.iidfile, 'utf8'), RESULT.config);
  assert.equal(JSON.parse(readFileSync(files.metadataFile, 'utf8')), {
    'containerimage.config.digest': RESULT.config,
    'containerimage.descriptor': manifest,
    'containerimage.digest': manifest.digest,
    'image.name': 'docker.io/library/app:latest,docker.io/library/app:1',
  });
  assert.equal(readdirSync(directory).sort(), ['iid', 'metadata.json']);
});

test('tells of the image that was written out rather than of the one in the store', () => {
  const file = join(directory, 'metadata.json');
  const descriptor = { ...manifest, digest: digestOf('exported') };
  const outputs = [{ type: 'oci', dest: 'a.tar', descriptor }];
  writeResultFiles({ ...RESULT, names: [], outputs }, { iidfile: undefined, metadataFile: file });
  const written = JSON.parse(readFileSync(file, 'utf8'));
  assert.is(written['containerimage.digest'], descriptor.digest);
  assert.is(written['image.name'], undefined);
});

test('takes the image ID of an earlier build away', () => {
  const iidfile = join(directory, 'stale');
  writeFileSync(iidfile, 'old');
  removeStaleId({ iidfile, metadataFile: undefined });
  removeStaleId({ iidfile, metadataFile: undefined });
  assert.not(existsSync(iidfile));
});

test('says which file could not be written', () => {
  const iidfile = join(directory, 'missing', 'iid');
  assert.throws(
    () => writeResultFiles(RESULT, { iidfile, metadataFile: undefined }),
    (error: unknown) => isMkimageError(error, 'store') && error.message.includes(iidfile),
  );
});

test('knows which outputs go to stdout', () => {
  for (const output of ['-', 'type=tar', 'type=oci', 'type=oci,dest=-', 'type=docker,dest=-']) {
    assert.ok(takesStdout([output]), output);
  }
  for (const output of [
    'out',
    'type=oci,dest=a.tar',
    'type=local,dest=out',
    'type=oci,tar=false,dest=d',
    'type=image',
  ]) {
    assert.not(takesStdout([output]), output);
  }
});

test('refuses to fill a terminal with an archive', () => {
  const terminal = { write: () => true, isTTY: true };
  assert.throws(() => refuseArchiveOnTerminal(['-'], terminal), /standard output is a terminal/);
  refuseArchiveOnTerminal(['-'], { write: () => true });
  refuseArchiveOnTerminal(['type=oci,dest=a.tar'], terminal);
});

test.run();
