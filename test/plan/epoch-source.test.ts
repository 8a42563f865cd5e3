import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile } from '../../src/instructions/index.ts';
import { findEpochSource, type PlanRequest } from '../../src/plan/index.ts';
import { errorsOf, planOf, planRequest } from './plan-support.ts';

const test = suite('where SOURCE_DATE_EPOCH comes from');

const named = (value: string, changes: Partial<PlanRequest> = {}) => ({
  buildArgs: { SOURCE_DATE_EPOCH: value },
  ...changes,
});
const sourceOf = (text: string, changes: Partial<PlanRequest> = {}) =>
  findEpochSource(parseBuildFile(text), planRequest(changes));

const STAGE = 'FROM scratch AS Src\nARG V=1\nADD https://example.com/a-${V}.tar.gz /\nFROM one\n';
const HTTP = { kind: 'http', url: 'https://example.com/a-1.tar.gz', checksum: undefined };
const SUM = `sha256:${'0'.repeat(64)}`;

test('a number, an empty value and none name nothing', () => {
  for (const value of ['0', '-5', '+1700000000', '']) assert.is(sourceOf(STAGE, named(value)), undefined, value);
  assert.is(sourceOf(STAGE), undefined);
  assert.is(sourceOf(`ARG SOURCE_DATE_EPOCH\n${STAGE}`), undefined);
  assert.is(sourceOf(`ARG SOURCE_DATE_EPOCH=7\n${STAGE}`), undefined);
});

test('the main context, by build argument or in the file', () => {
  const context = { kind: 'context', context: '' };
  assert.equal(sourceOf('FROM one\n', named('context')), context);
  assert.equal(sourceOf('ARG FROM_THERE=context\nARG SOURCE_DATE_EPOCH=$FROM_THERE\nFROM one\n'), context);
  assert.is(sourceOf('ARG SOURCE_DATE_EPOCH=context\nFROM one\n', named('5')), undefined);
  assert.is(sourceOf('FROM one\nARG SOURCE_DATE_EPOCH=context\n'), undefined, 'in a stage it is too late');
});

test('a named context comes before a stage of that name, and an image has no time', () => {
  const contexts = { src: { kind: 'directory' }, pic: { kind: 'image', reference: 'one' } } as const;
  assert.equal(sourceOf(STAGE, named('src', { contexts })), { kind: 'context', context: 'src' });
  assert.equal(sourceOf(STAGE, named('pic', { contexts })), { kind: 'timeless' });
});

test('a stage that fetches one thing', () => {
  assert.equal(sourceOf(STAGE, named('src')), HTTP);
  assert.equal(sourceOf(STAGE, named('SRC')), HTTP);
  assert.equal(sourceOf(STAGE, { buildArgs: { SOURCE_DATE_EPOCH: 'src', V: '2' } }), {
    ...HTTP,
    url: 'https://example.com/a-2.tar.gz',
  });
  const git = 'https://example.com/r.git#main';
  assert.equal(sourceOf(`ARG SOURCE_DATE_EPOCH=s\nFROM scratch AS s\nADD --keep-git-dir --checksum=abc ${git} /\n`), {
    ...{ kind: 'git', url: git, checksum: 'abc', keepGitDir: true },
  });
  assert.equal(sourceOf(`FROM scratch AS s\nADD --checksum=${SUM} https://example.com/f /\n`, named('s')), {
    ...{ kind: 'http', url: 'https://example.com/f', checksum: SUM },
  });
});

const refuses = (why: RegExp, line: number, stage: string) =>
  test(`refuses a stage: ${stage}`, () => {
    const text = `${stage.replaceAll('; ', '\n')}\nFROM one\n`;
    assert.is(sourceOf(text, named('s')), undefined);
    const [error, ...others] = errorsOf(text, named('s'));
    assert.match(error!, why);
    assert.match(error!, new RegExp(`^${line}: `));
    assert.equal(others, []);
  });
refuses(/must use FROM scratch/, 1, 'FROM one AS s; ADD https://example.com/f /');
refuses(/exactly one remote ADD/, 1, 'FROM scratch AS s; ARG A=1');
refuses(/exactly one remote ADD/, 2, 'FROM scratch AS s; ADD file /');
refuses(/exactly one remote ADD/, 2, 'FROM scratch AS s; ADD https://example.com/f https://example.com/g /');
refuses(/exactly one remote ADD/, 3, 'FROM scratch AS s; ADD https://example.com/f /; ADD https://example.com/g /');
refuses(/does not take COPY/, 2, 'FROM scratch AS s; COPY f /; ADD https://example.com/f /');
refuses(/invalid checksum/, 1, 'FROM scratch AS s; ADD --checksum=sha256:1 https://example.com/f /');

test('a name that nothing has is an error with what was meant', () => {
  assert.match(errorsOf(STAGE, named('scr'))[0]!, /invalid SOURCE_DATE_EPOCH: scr/);
  assert.is(sourceOf(STAGE, named('scr')), undefined);
});

test('stages see the time that was found, or nothing if there is none', () => {
  const text = 'ARG SOURCE_DATE_EPOCH=context\nFROM scratch\nARG SOURCE_DATE_EPOCH\nENV AT=$SOURCE_DATE_EPOCH\n';
  const envOf = (changes: Partial<PlanRequest>) => planOf(text, changes).stages[0]!.config.Env?.at(-1);
  assert.is(envOf({ namedEpoch: 77 }), 'AT=77');
  assert.is(planOf(text, { namedEpoch: 77 }).epoch, 77);
  assert.is(envOf({}), 'AT=');
  assert.is(planOf(text).epoch, undefined);
  assert.is(envOf(named('context', { namedEpoch: 78 })), 'AT=78');
  assert.is(envOf(named('context')), 'AT=');
  const own = 'FROM scratch\nARG SOURCE_DATE_EPOCH=5\nENV AT=$SOURCE_DATE_EPOCH\n';
  assert.is(planOf(own, named('context')).stages[0]!.config.Env?.at(-1), 'AT=5');
  assert.is(planOf(own, named('context', { namedEpoch: 79 })).stages[0]!.config.Env?.at(-1), 'AT=79');
});

test('a time of what is named that no image can have is an error', () => {
  for (const namedEpoch of [1_795_651_655_000, -62_167_219_201, 2 ** 52]) {
    assert.match(errorsOf('FROM scratch\n', named('context', { namedEpoch }))[0]!, /context has the time/);
  }
});

test.run();
