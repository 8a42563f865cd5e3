import * as oracle from '@swimlane/docker-reference';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  formatFamiliarName,
  formatFamiliarRepository,
  formatReference,
  normalizeName,
  parseReference,
} from '../../src/oci/index.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('reference');
const HEX = 'ab'.repeat(32);

/** What is written, what it stands for, how people write it. */
const names: readonly [written: string, full: string, familiar: string][] = [
  ['busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
  ['busybox:1.36', 'docker.io/library/busybox:1.36', 'busybox:1.36'],
  ['docker.io/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
  ['index.docker.io/library/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
  ['team/app', 'docker.io/team/app:latest', 'team/app:latest'],
  ['docker.io/library/deep/app', 'docker.io/library/deep/app:latest', 'library/deep/app:latest'],
  ['localhost/app', 'localhost/app:latest', 'localhost/app:latest'],
  ['localhost:5000/app:1', 'localhost:5000/app:1', 'localhost:5000/app:1'],
  ['host:5000', 'docker.io/library/host:5000', 'host:5000'],
  ['HOST/app', 'HOST/app:latest', 'HOST/app:latest'],
  ['127.0.0.1:5000/a/b__c---d.e', '127.0.0.1:5000/a/b__c---d.e:latest', '127.0.0.1:5000/a/b__c---d.e:latest'],
  ['[::1]:5000/app', '[::1]:5000/app:latest', '[::1]:5000/app:latest'],
  ['[fe80::1]/app:2', '[fe80::1]/app:2', '[fe80::1]/app:2'],
  [`app@sha256:${HEX}`, `docker.io/library/app@sha256:${HEX}`, `app@sha256:${HEX}`],
  [`app:1@sha256:${HEX}`, `docker.io/library/app:1@sha256:${HEX}`, `app:1@sha256:${HEX}`],
];

for (const [written, full, familiar] of names) {
  test(`\`${written}\` is ${full}`, () => {
    const reference = parseReference(written);
    assert.is(formatReference(reference), full);
    assert.is(formatFamiliarName(reference), familiar);
    assert.equal(parseReference(full), reference);
    assert.equal(parseReference(familiar), reference);
  });
}

const wrong = [
  '',
  ':',
  '@',
  ':tag',
  'a:',
  'a:-b',
  `a:${'x'.repeat(129)}`,
  'a b',
  'a//b',
  '/a',
  'a/',
  'App',
  'docker.io/App',
  'a..b/c',
  '-a',
  'a_-b',
  'a___b',
  'http://a/b',
  '[::1%25lo]/a',
  '[::1/a',
  'a@sha256:ab',
  `a@sha512:${HEX}${HEX}`,
  `a@SHA256:${HEX}`,
  HEX,
  `a@sha256:${HEX}:b`,
  'a/b/../c',
  'host:port/a',
  `docker.io/${'a'.repeat(256)}`,
  'a\n',
  'ä',
  'a/b:c:d',
];

for (const text of wrong) {
  test(`\`${text.slice(0, 40)}\` (${text.length}) is no reference`, async () => {
    await refuses('invalid-reference', () => parseReference(text));
  });
}

test('the familiar repository has no tag', () => {
  assert.is(formatFamiliarRepository(parseReference('busybox:1')), 'busybox');
});

test('normalising twice changes nothing, and no text makes the parser do anything but refuse', () => {
  const piece = fc.stringMatching(/^[a-zA-Z0-9.:/@_[\]-]{0,24}$/);
  fc.assert(
    fc.property(fc.oneof(piece, fc.string()), (text) => {
      const full = orUndefined(() => normalizeName(text));
      if (full !== undefined) assert.is(normalizeName(full), full);
    }),
    { numRuns: 500 },
  );
});

test('names are completed as they are in another implementation', () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,5}([._-][a-z0-9]{1,4})?$/);
  const host = fc.constantFrom('localhost', 'localhost:5000', 'a.example', 'docker.io', '10.0.0.1:80');
  const name = fc.tuple(fc.option(host), fc.array(part, { minLength: 1, maxLength: 3 }));
  fc.assert(
    fc.property(name, ([registry, parts]) => {
      const text = [...(registry === null ? [] : [registry]), ...parts].join('/');
      assert.is(normalizeName(text), `${oracle.parseFamiliarName(text)}:latest`);
    }),
    { numRuns: 200 },
  );
});

function orUndefined<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    assert.is((error as { code?: string }).code, 'invalid-reference');
    return undefined;
  }
}

test.run();
