import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CacheRecord, explainMiss, type KeyPart } from '../../src/cache/index.ts';
import { type Digest, digestOf } from '../../src/oci/index.ts';

const test = suite('why a step has to run');

const parts = (named: Record<string, string>): KeyPart[] =>
  Object.entries(named).map(([name, value]) => ({ name, value }));
const recordOf = (named: Record<string, string>): CacheRecord => ({
  parts: parts(named),
  layer: null,
  createdAt: '2026-01-01T00:00:00Z',
});

function explains(title: string, before: Record<string, string>, now: Record<string, string>, expected: string): void {
  test(title, () => assert.is(explainMiss(recordOf(before), parts(now), { readListing: () => undefined }), expected));
}

test('a step that was never there', () => {
  assert.is(
    explainMiss(undefined, parts({ command: 'x' }), { readListing: () => undefined }),
    'first build of this step',
  );
});

explains('the command', { command: 'a' }, { command: 'b' }, 'command changed');
explains('a variable', { 'env NODE_ENV': 'a' }, { 'env NODE_ENV': 'b' }, 'environment NODE_ENV changed');
test('a build argument is called one', () => {
  const details = { readListing: () => undefined, argNames: ['VERSION'] };
  const [before, now] = [
    { 'env VERSION': '1', 'env A': '1' },
    { 'env VERSION': '2', 'env A': '2' },
  ];
  assert.is(
    explainMiss(recordOf(before), parts(now), details),
    'build argument VERSION changed, environment A changed',
  );
});

test('a mount names its files by their paths in the source, or says why its stage changed', () => {
  const [before, now] = ['file\t644\t1\t\t\t\t\n', 'file\t644\t2\t\t\t\t\n'];
  const listings = new Map<Digest, Buffer>([before, now].map((text) => [digestOf(text), Buffer.from(text)]));
  const named = (text: string) => ({ 'mount /u': '{"source":"etc/app.conf"}', 'mount /u files': digestOf(text) });
  const details = { readListing: (digest: Digest) => listings.get(digest) };
  assert.is(
    explainMiss(recordOf(named(before)), parts(named(now)), details),
    'mount /u changed (1 of 1 file: etc/app.conf)',
  );
  const causes = new Map([['mount /u files', 'COPY a changed']]);
  const [old, current] = [{ 'mount /u files': 'sha256:1 x' }, { 'mount /u files': 'sha256:2 x' }];
  assert.is(explainMiss(recordOf(old), parts(current), { ...details, causes }), 'mount /u changed (COPY a changed)');
});

explains('a new variable', {}, { 'env A': '1' }, 'environment A is new');
explains('a variable that went', { 'env A': '1' }, {}, 'environment A was removed');
explains('a mount', { 'mount /x': '1' }, { 'mount /x': '2' }, 'mount /x changed');
explains('what a mount shows', { 'mount /x files': '1' }, { 'mount /x files': '2' }, 'mount /x changed');
explains('only what is below', { command: 'a' }, { command: 'a' }, 'the step before changed');
explains('order', { a: '1', b: '2' }, { b: '2', a: '1' }, 'its inputs are in another order');
explains('two reasons', { a: '1', b: '1' }, { a: '2', b: '2' }, 'a changed, b changed');
explains(
  'many reasons',
  { a: '1', b: '1', c: '1', d: '1' },
  { a: '2', b: '2', c: '2', d: '2' },
  'a changed, b changed and 2 more',
);
explains(
  'files without a listing',
  { 'files COPY src': digestOf('1') },
  { 'files COPY src': digestOf('2') },
  'COPY src changed',
);
explains(
  'files called by the sources of the instruction',
  { instruction: 'COPY', sources: '[{"pattern":"a"},{"pattern":"b"}]', 'files 2': '1' },
  { instruction: 'COPY', sources: '[{"pattern":"a"},{"pattern":"b"}]', 'files 2': '2' },
  'COPY b changed',
);
explains(
  'sources that cannot be read',
  { instruction: 'ADD', sources: '{', files: '1' },
  { instruction: 'ADD', sources: '{', files: '2' },
  'ADD changed',
);

const line = (name: string, content: string, type = 'file') => `${type}\t644\t${content}\t\t\t\t${name}\n`;

function explainsFiles(title: string, before: string, now: string, expected: string): void {
  test(title, () => {
    const listings = new Map<Digest, Buffer>([before, now].map((text) => [digestOf(text), Buffer.from(text)]));
    const record = recordOf({ 'files COPY package.json': digestOf(before) });
    const current = parts({ 'files COPY package.json': digestOf(now) });
    const reason = explainMiss(record, current, { readListing: (digest) => listings.get(digest) });
    assert.is(reason, `COPY package.json changed${expected}`);
  });
}

const three = line('a', '1') + line('b', '1') + line('package.json', '1');
explainsFiles(
  'one file of three',
  three,
  line('a', '1') + line('b', '1') + line('package.json', '2'),
  ' (1 of 3 files: package.json)',
);
explainsFiles('a new file', three, three + line('new', '1'), ' (new: new)');
explainsFiles('a file that went', three, line('a', '1') + line('b', '1'), ' (gone: package.json)');
explainsFiles(
  'many files',
  [1, 2, 3, 4, 5].map((n) => line(`f${n}`, '1')).join(''),
  [1, 2, 3, 4, 5].map((n) => line(`f${n}`, '2')).join(''),
  ' (5 of 5 files: f1, f2, f3 and 2 more)',
);
explainsFiles(
  'the mode of the directory itself',
  `directory\t755\t\t\t\t\t\n${three}`,
  `directory\t700\t\t\t\t\t\n${three}`,
  ' (1 of 3 files: .)',
);
explainsFiles('order alone', line('a', '1') + line('b', '1'), line('b', '1') + line('a', '1'), '');

test.run();
