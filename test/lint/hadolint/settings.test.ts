import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mergeSettings } from '../../../src/lint/hadolint/settings.ts';
import { readEnvironment, readSettingsText, SettingsFault } from '../../../src/lint/index.ts';

const test = suite("hadolint's settings");

test('a file says all that hadolint lets it say', async () => {
  const part = await readSettingsText(
    [
      'failure-threshold: error',
      'format: json',
      'ignored: [DL3000, SC1010]',
      'label-schema:',
      '  author: text',
      '  version: semver',
      'no-color: true',
      'no-fail: false',
      'override:',
      '  error: [DL3001]',
      '  style:',
      '    - DL3015',
      '    - DL3001',
      'strict-labels: true',
      'disable-ignore-pragma: true',
      'trustedRegistries:',
      '  - docker.io',
      '  - "*.gcr.io"',
      'something-new: 1',
    ].join('\n'),
  );
  assert.equal(part, {
    ignored: new Set(['DL3000', 'SC1010']),
    levels: new Map([
      ['DL3001', 'error'],
      ['DL3015', 'style'],
    ]),
    trustedRegistries: ['docker.io', '*.gcr.io'],
    labelSchema: new Map([
      ['author', 'text'],
      ['version', 'semver'],
    ]),
    failureThreshold: 'error',
    format: 'json',
    noFail: false,
    noColor: true,
    strictLabels: true,
    disableIgnorePragma: true,
  });
});

test('one registry need not be a list, and members without a value say nothing', async () => {
  const part = await readSettingsText('trustedRegistries: docker.io\nignored:\noverride:\n  error:\nlabel-schema:\n');
  assert.equal(part.trustedRegistries, ['docker.io']);
  assert.is(part.ignored?.size, 0);
  assert.is((await readSettingsText('# nothing\n')).ignored, undefined);
});

/** What a file may be instead, and a part of what is said of it. */
const FAULTS: readonly (readonly [text: string, what: RegExp])[] = [
  ['- DL3000', /no map/],
  ['ignored: 5', /`ignored` is no list/],
  ['ignored: [[DL3000]]', /`ignored` is no list/],
  ['override: [DL3000]', /`override` is no map/],
  ['override: {error: {a: b}}', /`error` is no list/],
  ['no-fail: perhaps', /`no-fail` is neither/],
  ['failure-threshold: high', /`failure-threshold` is not one of error/],
  ['format: yaml', /`format` is not one of tty/],
  ['label-schema: {a: date}', /label `a` has a type/],
  ['ignored: [DL3000\nno-fail: true', /line \d: it is no YAML/],
  ['a: 1\na: 2', /it is no YAML/],
  [`a: ${'['.repeat(5000)}`, /nested too deep/],
  ['- '.repeat(5000), /nested too deep/],
];

for (const [text, what] of FAULTS) {
  test(`refuses ${JSON.stringify(text.slice(0, 40))}`, async () => {
    try {
      await readSettingsText(text);
    } catch (error) {
      assert.instance(error, SettingsFault);
      assert.match((error as Error).message, what);
      return;
    }
    assert.unreachable();
  });
}

test('aliases that would make much out of little are refused', async () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 9; level += 1) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(', ')}]`);
  }
  const text = lines.join('\n');
  const [reason] = await Promise.allSettled([readSettingsText(text)]);
  assert.match((reason as PromiseRejectedResult).reason.message, /aliases cannot be followed/);
});

test('the environment sets the same, and its malformed values are ignored', () => {
  assert.is(readEnvironment({ PATH: '/bin' }), undefined);
  assert.equal(
    readEnvironment({
      HADOLINT_IGNORE: 'DL3010,DL3020',
      HADOLINT_OVERRIDE_ERROR: 'DL3001',
      HADOLINT_OVERRIDE_WARNING: 'DL3002, DL3001',
      HADOLINT_NOFAIL: 'Yes',
      HADOLINT_STRICT_LABELS: '0',
      HADOLINT_TRUSTED_REGISTRIES: 'a.example,b.example',
      HADOLINT_REQUIRE_LABELS: 'maintainer:text,version:semver,odd:thing,none',
      HADOLINT_FAILURE_THRESHOLD: 'style',
      HADOLINT_FORMAT: 'junit',
    }),
    {
      ignored: new Set(['DL3010', 'DL3020']),
      levels: new Map([
        ['DL3001', 'error'],
        ['DL3002', 'warning'],
      ]),
      trustedRegistries: ['a.example', 'b.example'],
      labelSchema: new Map([
        ['maintainer', 'text'],
        ['version', 'semver'],
      ]),
      noFail: true,
      strictLabels: false,
      failureThreshold: 'style',
      format: 'junit',
    },
  );
  const odd = readEnvironment({ HADOLINT_FORMAT: 'odd', HADOLINT_FAILURE_THRESHOLD: 'odd' });
  assert.equal([odd?.format, odd?.failureThreshold], [undefined, undefined]);
});

test('of a file and the environment lists add up, and of single values the later one counts', () => {
  const merged = mergeSettings(
    { ignored: new Set(['A']), noFail: true, failureThreshold: 'error', levels: new Map([['A', 'info']]) },
    { ignored: new Set(['B']), noFail: false, levels: new Map([['A', 'error']]) },
  );
  assert.equal([...merged.ignored], ['A', 'B']);
  assert.equal([merged.noFail, merged.failureThreshold, merged.levels.get('A')], [false, 'error', 'error']);
});

test.run();
