import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile } from '../../src/instructions/index.ts';
import { checkBuildFile, createOutline, listTargets, type PlanRequest, toCheckJson } from '../../src/plan/index.ts';
import { errorsOf, planRequest, settle, warningsOf } from './plan-support.ts';

const test = suite('checks');

function checked(text: string, changes: Partial<PlanRequest> = {}) {
  const file = parseBuildFile(text);
  return settle(checkBuildFile(file, planRequest(changes))).outcome;
}

/** Findings as `line: Check`. */
function findingsOf(text: string, changes: Partial<PlanRequest> = {}): readonly string[] {
  return checked(text, changes).findings.map(({ rule, range }) => `${range.start.line}: ${rule.name}`);
}

test('the directive skips checks by name or all of them', () => {
  const text = 'FROM one\nENV a b\nMAINTAINER me\n';
  assert.equal(warningsOf(text), ['3: MaintainerDeprecated', '2: LegacyKeyValueFormat']);
  assert.equal(warningsOf(`# check=skip=LegacyKeyValueFormat\n${text}`), ['4: MaintainerDeprecated']);
  assert.equal(warningsOf(`# check=skip=all\n${text}`), []);
});

test('a comment skips checks for the instruction below it only', () => {
  const text = 'FROM one\n# check=skip=LegacyKeyValueFormat\nENV a b\nENV c d\n# check=skip=all\nENV e $x\n';
  assert.equal(findingsOf(text), ['4: LegacyKeyValueFormat']);
});

test('findings fail the build with error=true, but not those that are skipped', () => {
  assert.equal(errorsOf('# check=error=true\nFROM one\nENV a b\nENV c d\n'), [
    '3: lint violation found for rules: LegacyKeyValueFormat',
  ]);
  assert.equal(warningsOf('# check=error=true;skip=LegacyKeyValueFormat\nFROM one\nENV a b\n'), []);
});

test('a word for a password in the name of a variable is a finding, in any case', () => {
  for (const name of ['DB_PSW', 'psw', 'PSW_FOR_DB', 'API_TOKEN', 'PWORD']) {
    assert.equal(findingsOf(`FROM one\nARG ${name}\n`), ['2: SecretsUsedInArgOrEnv'], name);
  }
  for (const name of ['PSWD', 'XPSW', 'PSW_FILE', 'PUBLIC_KEY']) {
    assert.equal(findingsOf(`FROM one\nARG ${name}\n`), [], name);
  }
});

test('the build argument BUILDKIT_DOCKERFILE_CHECK takes the place of the directive', () => {
  const text = '# check=error=true\nFROM one\nENV a b\nMAINTAINER me\n';
  const buildArgs = { BUILDKIT_DOCKERFILE_CHECK: 'skip=MaintainerDeprecated' };
  assert.equal(warningsOf(text, { buildArgs }), ['3: LegacyKeyValueFormat']);
});

test('options that make no sense are errors at the directive', () => {
  assert.equal(errorsOf('# check=skpi=all\nFROM one\n'), [
    '1: read check option `skpi=all`: unknown option (did you mean `skip`?)',
  ]);
  assert.is(errorsOf('# check=error=perhaps\nFROM one\n').length, 1);
  assert.is(errorsOf('# check=skip\nFROM one\n').length, 1);
});

test('experimental checks are off until they are asked for', () => {
  const text = '# something else\nARG A=1\nFROM one\n';
  assert.equal(findingsOf(text), []);
  assert.equal(findingsOf(`# check=experimental=all\n${text}`), ['3: InvalidDefinitionDescription']);
  assert.equal(findingsOf(`# check=skip=all;experimental=InvalidDefinitionDescription\n${text}`), [
    '3: InvalidDefinitionDescription',
  ]);
});

test('looks at all stages, or with a target at what that needs', () => {
  const text = 'FROM one AS a\nENV a b\nFROM two AS b\nENV a b\n';
  assert.equal(findingsOf(text), ['2: LegacyKeyValueFormat', '4: LegacyKeyValueFormat']);
  assert.equal(findingsOf(text, { target: 'a' }), ['2: LegacyKeyValueFormat']);
});

test('a base that cannot be resolved counts as one that sets only PATH', () => {
  const result = checked('FROM missing\nENV a=$PATH b=$HOME\n');
  assert.equal(result.errors, []);
  assert.equal(
    result.findings.map(({ detail }) => detail),
    ["Usage of undefined variable '$HOME'"],
  );
});

test('variables that the base, an ENV, an ARG or the base stage sets are known', () => {
  const text = 'FROM rich AS a\nARG NOVALUE\nARG X=1\nENV Y=$X$KEPT$NOVALUE\nFROM a\nLABEL l=$X$Y$KEPT$NOVALUE$OTHER\n';
  assert.equal(findingsOf(text), ['6: UndefinedVar']);
});

test('findings of a trigger point at the FROM', () => {
  assert.equal(findingsOf('FROM one AS a\nONBUILD ENV x y\nFROM a\n'), ['3: LegacyKeyValueFormat']);
});

test('sources that the ignore file hides are found, but not in other stages or on the net', () => {
  const isIgnored = (path: string) => path.endsWith('.log');
  const text = 'FROM one AS a\nFROM one\nCOPY ./x.log /\nCOPY . /\nCOPY --from=a x.log /\nADD https://x.y/x.log /\n';
  assert.equal(findingsOf(text, { isIgnored }), ['3: CopyIgnoredFile']);
  assert.equal(findingsOf(text, { isIgnored: () => true }), ['3: CopyIgnoredFile', '4: CopyIgnoredFile']);
});

test('the answer in JSON has a range for every line and the first error', () => {
  const text = 'FROM one\nENV a \\\n  b\nSTOPSIGNAL nope\n';
  const json = toCheckJson(checked(text), { name: 'Dockerfile', text });
  const line = (number: number) => ({ start: { line: number }, end: { line: number } });
  assert.equal(json.warnings[0]?.location.ranges, [line(2), line(3)]);
  assert.is(json.warnings[0]?.ruleName, 'LegacyKeyValueFormat');
  assert.is(json.buildError?.message, 'invalid signal: nope');
  assert.is(Buffer.from(json.sources[0]!.data, 'base64').toString(), text);
});

test('targets are listed as they are written, even where nothing could be built', () => {
  const file = parseBuildFile('# check=skip=all\n# a does a\nFROM --platform=$P missing:$V AS A\nFROM a\n');
  assert.equal(
    listTargets(file).map(({ range: _range, ...target }) => target),
    [
      { name: 'a', description: 'does a', base: 'missing:$V', platform: '$P', isDefault: false },
      { name: undefined, description: undefined, base: 'a', platform: undefined, isDefault: true },
    ],
  );
});

test('the outline tells arguments, secrets and sockets of the target and of what it needs', () => {
  const text = `ARG UNUSED=1
ARG BASE=one
ARG IMAGE=$BASE
FROM $IMAGE AS a
RUN --mount=type=secret,id=s,required x
FROM two AS other
ARG NOT_HERE
FROM three AS b
# OWN what it is for
ARG OWN=$BASE-x UNSET
RUN --mount=type=ssh x
COPY --from=a /x /x
`;
  const { outcome } = settle(createOutline(parseBuildFile(text), planRequest({ target: 'b' })));
  assert.is(outcome.kind, 'outline');
  if (outcome.kind !== 'outline') return;
  const { args, secrets, ssh } = outcome.outline;
  assert.equal(
    args.map(({ name, value, description }) => [name, value, description]),
    [
      ['BASE', 'one', undefined],
      ['IMAGE', 'one', undefined],
      ['OWN', '-x', 'what it is for'],
      ['UNSET', undefined, undefined],
    ],
  );
  assert.equal(
    secrets.map(({ id, required }) => [id, required]),
    [['s', true]],
  );
  assert.equal(
    ssh.map(({ id, required }) => [id, required]),
    [['default', false]],
  );
});

test.run();
