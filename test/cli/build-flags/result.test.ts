import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BuildResult } from '../../../src/api/index.ts';
import { refuseDeleteOutside } from '../../../src/cli/build-flags/delete-guard.ts';
import { createMetadata } from '../../../src/cli/build-flags/metadata.ts';
import {
  refuseArchiveOnTerminal,
  removeStaleId,
  writeResultFiles,
  writesToStdout,
} from '../../../src/cli/build-flags/result.ts';
import { parseOutput } from '../../../src/docker-syntax/index.ts';
import { isMkimageError } from '../../../src/errors.ts';
import { digestOf } from '../../../src/oci/index.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('build result');

const directory = tempDir('build-result');
const manifest = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digestOf('m'), size: 1 };
const RESULT: BuildResult = {
  id: digestOf('c'),
  target: manifest,
  images: [{ platform: { os: 'linux', architecture: 'amd64' }, config: digestOf('c'), manifest }],
  names: ['docker.io/library/app:latest', 'docker.io/library/app:1'],
  outputs: [],
  warnings: [],
  file: { name: 'Dockerfile', text: '' },
};

test('writes the image ID without a line feed, and buildx metadata', () => {
  const files = { iidfile: join(directory, 'iid'), metadataFile: join(directory, 'metadata.json'), cwd: '/' };
  writeResultFiles(RESULT, files, {});
  assert.is(readFileSync(files.iidfile, 'utf8'), RESULT.id);
  const { 'buildx.build.ref': reference, ...rest } = JSON.parse(readFileSync(files.metadataFile, 'utf8'));
  assert.match(reference, /^mkimage\/mkimage\/[0-9a-z]{25}$/);
  assert.equal(rest, {
    'containerimage.config.digest': RESULT.id,
    'containerimage.descriptor': { ...manifest, platform: RESULT.images[0].platform },
    'containerimage.digest': manifest.digest,
    'image.name': 'docker.io/library/app:latest,docker.io/library/app:1',
  });
  assert.equal(readdirSync(directory).sort(), ['iid', 'metadata.json']);
});

test('tells of the image that was written out rather than of the one in the store', () => {
  const file = join(directory, 'metadata.json');
  const descriptor = { ...manifest, digest: digestOf('exported') };
  const outputs = [{ type: 'oci' as const, dest: 'a.tar', descriptor }];
  writeResultFiles(
    { ...RESULT, names: [], outputs },
    { iidfile: undefined, metadataFile: 'metadata.json', cwd: directory },
    {},
  );
  const written = JSON.parse(readFileSync(file, 'utf8'));
  assert.is(written['containerimage.digest'], descriptor.digest);
  assert.is(written['image.name'], undefined);
});

test('gives every build a reference of its own', () => {
  const references = Array.from({ length: 50 }, () => createMetadata(RESULT, {})['buildx.build.ref']);
  assert.is(new Set(references).size, 50);
});

test('tells of warnings where BUILDX_METADATA_WARNINGS asks for them', () => {
  const place = { line: 2, column: 1, offset: 13 };
  const warning = {
    severity: 'warning',
    code: 'SecretsUsedInArgOrEnv',
    message: 'Do not use it',
    hint: 'see https://example.com/rule/',
    range: { start: place, end: place },
  } as const;
  const result = { ...RESULT, warnings: [warning], file: { name: 'Dockerfile', text: 'FROM scratch\n' } };
  for (const BUILDX_METADATA_WARNINGS of [undefined, '', '0', 'false']) {
    assert.not('buildx.build.warnings' in createMetadata(result, { BUILDX_METADATA_WARNINGS }));
  }
  assert.not('buildx.build.warnings' in createMetadata(RESULT, { BUILDX_METADATA_WARNINGS: '1' }));
  assert.equal(createMetadata(result, { BUILDX_METADATA_WARNINGS: 'true' })['buildx.build.warnings'], [
    {
      level: 1,
      short: btoa('SecretsUsedInArgOrEnv: Do not use it (line 2)'),
      detail: [btoa('see https://example.com/rule/')],
      url: 'https://example.com/rule/',
      sourceInfo: { filename: 'Dockerfile', data: btoa('FROM scratch\n'), language: 'Dockerfile' },
      range: [{ start: { line: 2 }, end: { line: 2 } }],
    },
  ]);
});

test('takes the image ID of an earlier build away', () => {
  const iidfile = join(directory, 'stale');
  writeFileSync(iidfile, 'old');
  removeStaleId({ iidfile, metadataFile: undefined, cwd: '/' });
  removeStaleId({ iidfile, metadataFile: undefined, cwd: '/' });
  assert.not(existsSync(iidfile));
});

test('says which file could not be written', () => {
  const iidfile = join(directory, 'missing', 'iid');
  assert.throws(
    () => writeResultFiles(RESULT, { iidfile, metadataFile: undefined, cwd: '/' }, {}),
    (error: unknown) => isMkimageError(error, 'store') && error.message.includes(iidfile),
  );
});

test('knows which outputs go to stdout', () => {
  for (const output of ['-', 'type=tar', 'type=oci', 'type=oci,dest=-', 'type=docker,dest=-', 'TYPE=tar,dest=-']) {
    assert.ok(writesToStdout([parseOutput(output)]), output);
  }
  for (const output of [
    'out',
    'type=oci,dest=a.tar',
    'type=local,dest=out',
    'type=oci,tar=false,dest=d',
    'type=image',
    'type=docker',
    'type=docker,dest=',
  ]) {
    assert.not(writesToStdout([parseOutput(output)]), output);
  }
});

test('empties no directory outside of the working one unless that is allowed', () => {
  const here = join(directory, 'work');
  mkdirSync(join(here, 'out'), { recursive: true });
  symlinkSync(directory, join(here, 'away'));
  const check = (dest: string, ...allow: string[]) =>
    refuseDeleteOutside([parseOutput(`type=local,dest=${dest},mode=delete`)], allow, here);
  for (const dest of ['out', 'out/new/deep', join(here, 'new')]) check(dest);
  for (const dest of ['.', '..', '/', directory, 'away', 'away/new', 'out/../..', `${here}-not`]) {
    assert.throws(() => check(dest), /below the working directory/, dest);
    check(dest, 'network.host', 'buildx.local.delete');
  }
  refuseDeleteOutside([parseOutput('type=local,dest=..')], [], here);
});

test('refuses to fill a terminal with an archive', () => {
  const terminal = { write: () => true, isTTY: true };
  const archive = [parseOutput('-')];
  assert.throws(() => refuseArchiveOnTerminal(archive, terminal), /standard output is a terminal/);
  refuseArchiveOnTerminal(archive, { write: () => true });
  refuseArchiveOnTerminal([parseOutput('type=oci,dest=a.tar')], terminal);
});

test.run();
