import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile, parseTrigger } from '../../src/instructions/index.ts';
import { type BaseAnswer, createPlan } from '../../src/plan/index.ts';
import { answer, errorsOf, outcomeOf, planOf, planRequest, settle, targetOf, warningsOf } from './plan-support.ts';

const test = suite('create plan');

function askedFor(text: string, changes = {}): readonly string[] {
  const file = parseBuildFile(text);
  return settle(createPlan(file, planRequest(changes))).asked;
}

test('asks for the images of needed stages only', () => {
  const text = 'FROM one AS a\nFROM two AS b\nFROM three\nCOPY --from=a /x /x\n';
  assert.equal([...askedFor(text)].sort(), ['docker.io/library/one:latest', 'docker.io/library/three:latest']);
  assert.equal(askedFor(text, { target: 'b' }), ['docker.io/library/two:latest']);
});

test('asks for images that are copied from or mounted', () => {
  const text = 'FROM scratch\nCOPY --from=ghcr.io/a/b:1 /x /x\nRUN --mount=from=tools,target=/t x\n';
  assert.equal([...askedFor(text)].sort(), ['docker.io/library/tools:latest', 'ghcr.io/a/b:1']);
});

test('asks for what the triggers of a base need once it knows the base', () => {
  const asked = askedFor('FROM triggers\n');
  assert.equal(asked, ['docker.io/library/triggers:latest', 'docker.io/library/tools:latest']);
});

test('asks for a parser of triggers only where a base has some', () => {
  const parsersFor = (text: string) => {
    const asking = createPlan(parseBuildFile(text), planRequest());
    const wanted: boolean[] = [];
    const bases = new Map<string, BaseAnswer>();
    for (let step = asking.next(); !step.done; ) {
      wanted.push(step.value.parser);
      for (const base of step.value.bases) bases.set(base.key, answer(base));
      step = asking.next({ bases, parseTrigger: wanted.includes(true) ? parseTrigger : undefined });
    }
    return wanted;
  };
  assert.equal(parsersFor('FROM one\n'), [false]);
  assert.equal(parsersFor('FROM scratch AS a\nONBUILD RUN x\nFROM scratch\n'), []);
  assert.equal(parsersFor('FROM scratch AS a\nONBUILD RUN x\nFROM a\n'), [true]);
  assert.equal(parsersFor('FROM triggers\n'), [false, true, false]);
});

test('says once what it found before it had to ask', () => {
  assert.equal(warningsOf('FROM one as a\nFROM triggers\nCOPY --from=a /x /x\n'), ['1: FromAsCasing']);
});

test('asks once for an image that is used twice', () => {
  assert.is(askedFor('FROM one AS a\nFROM one\nCOPY --from=a /x /x\nCOPY --from=one /y /y\n').length, 1);
});

test('asks for the platform that FROM names, and for that of the build elsewhere', () => {
  const file = parseBuildFile('FROM --platform=linux/arm64 one AS a\nFROM one\nCOPY --from=a /x /x\n');
  const { done, value } = createPlan(file, planRequest()).next();
  const keys = done ? [] : value.bases.map(({ key }) => key).sort();
  assert.equal(keys, ['docker.io/library/one:latest linux/amd64', 'docker.io/library/one:latest linux/arm64']);
});

test('runs a step without the devices that it merely wants, and says so', () => {
  const run = (device: string) => `FROM one\nRUN --device=${device} make\n`;
  for (const device of ['vendor.com/gpu', 'vendor.com/gpu=all', 'class1', 'name=x,required=false', 'x,required=0']) {
    assert.is(planOf(run(device)).stages[0]!.steps.length, 1, device);
    const outcome = outcomeOf(run(device));
    assert.equal(outcome.kind === 'plan' && outcome.diagnostics.map(({ code }) => code), ['ignored-device'], device);
  }
  for (const device of [
    'vendor.com/gpu,required',
    'required,name=x',
    'x,required=true',
    'x,required=false,required=1',
  ]) {
    assert.match(errorsOf(run(device))[0]!, /^2: cannot give device/, device);
  }
  assert.match(errorsOf(run('x,required=maybe'))[0]!, /^2: `required` must be true or false/);
});

test('takes a base without its triggers if BUILDKIT_DISABLE_ONBUILD says so', () => {
  const text = 'FROM triggers AS a\nONBUILD RUN two\nFROM a\nRUN own\n';
  const stepsWith = (value: string) => {
    const { stages } = planOf(text, { buildArgs: { BUILDKIT_DISABLE_ONBUILD: value } });
    return stages.map(({ steps }) => steps.map(({ name }) => name));
  };
  assert.equal(stepsWith('1'), [[], ['RUN own']]);
  assert.equal(stepsWith('true'), [[], ['RUN own']]);
  for (const value of ['0', 'false', 'maybe', ''])
    assert.equal(stepsWith(value).at(-1), ['ONBUILD RUN two', 'RUN own']);
  const { OnBuild } = targetOf('FROM triggers\n', { buildArgs: { BUILDKIT_DISABLE_ONBUILD: '1' } }).config;
  assert.is(OnBuild, undefined);
  assert.equal(askedFor('FROM triggers\n', { buildArgs: { BUILDKIT_DISABLE_ONBUILD: '1' } }), [
    'docker.io/library/triggers:latest',
  ]);
});

test('leaves stages out that the target does not need', () => {
  const plan = planOf('FROM one AS a\nRUN a\nFROM two AS b\nRUN b\nFROM a AS c\n', { target: 'c' });
  assert.equal(
    plan.stages.map(({ name }) => name),
    ['a', 'c'],
  );
  assert.is(plan.target, 2);
});

test('does not evaluate the instructions of a stage that is not needed', () => {
  planOf('FROM one\nENV a=${b?}\nCOPY --chmod=bad x y\nFROM two\n');
});

test('takes a target by name in any case, or by number', () => {
  const text = 'FROM one AS First\nFROM two\n';
  assert.is(planOf(text, { target: 'fIRST' }).target, 0);
  assert.is(planOf(text, { target: '1' }).target, 1);
});

test('suggests a target that is spelt like the unknown one', () => {
  const text = 'FROM one AS build\nFROM two AS test\n';
  assert.equal(errorsOf(text, { target: 'biuld' }), [
    '2: target stage `biuld` could not be found (did you mean `build`?)',
  ]);
  assert.equal(errorsOf(text, { target: 'release' }), [
    '2: target stage `release` could not be found (known stages: build, test)',
  ]);
});

test('an image that cannot be resolved is an error at its FROM, with a hint at a misspelt stage', () => {
  assert.equal(errorsOf('FROM one AS missingstage\nFROM missingstagr\n'), [
    '2: missingstagr: not found (did you mean `missingstage`?)',
  ]);
});

test('tells all errors of a stage at once', () => {
  const errors = errorsOf('FROM one\nSTOPSIGNAL nope\nENV ok=1\nEXPOSE what\nCOPY https://x.y/z /\n');
  assert.equal(
    errors.map((error) => error.split(':')[0]),
    ['2', '4', '5'],
  );
});

test('syntax errors are told before anything is asked for', () => {
  const { done, value } = createPlan(parseBuildFile('FROM one\nRUNN x\n'), planRequest()).next();
  assert.is(done && value.kind, 'errors');
});

test('a forward reference, a circle, an unknown number and a variable in --from are errors', () => {
  assert.match(errorsOf('FROM a AS one\nCOPY --from=two /x /x\nFROM b AS two\n', { target: 'one' })[0]!, /comes later/);
  const [circle] = errorsOf('FROM a AS one\nCOPY --from=two /x /x\nFROM b AS two\nRUN --mount=from=one,target=/x y\n');
  assert.is(
    circle,
    '2: circular dependency detected on stage: one (`one` → `two` → `one`: remove one of these dependencies)',
  );
  assert.match(errorsOf('FROM a AS one\nCOPY --from=one /x /x\n')[0]!, /circular dependency/);
  assert.match(
    errorsOf('FROM a\nCOPY --from=5 /x /x\n')[0]!,
    /^2: invalid stage index 5 \(stages are numbered from 0 to 0\)/,
  );
  assert.match(errorsOf('ARG S=a\nFROM a\nCOPY --from=$S /x /x\n')[0]!, /^3: variable expansion is not supported/);
  assert.match(errorsOf('FROM a\nRUN --mount=from=$S,target=/x y\n')[0]!, /does not support variables/);
});

test('a blank base, a bad reference and a bad platform are errors at the FROM', () => {
  assert.equal(errorsOf('ARG BASE\nFROM ${BSAE}\n'), [
    '2: base name (${BSAE}) should not be blank (did you mean `BASE`?)',
  ]);
  assert.match(errorsOf('FROM UPPER/Case\n')[0]!, /^1: parse reference/);
  assert.match(errorsOf('FROM --platform=$NONE one\n')[0]!, /^1: empty platform value from expression \$NONE/);
  assert.match(errorsOf('FROM --platform=a/b/c/d one\n')[0]!, /^1: parse platform/);
});

test('a stage of another name in capitals is found by COPY but not by FROM, which asks for an image', () => {
  assert.equal([...askedFor('FROM one AS base\nFROM two\nCOPY --from=BASE /x /x\n')].sort(), [
    'docker.io/library/one:latest',
    'docker.io/library/two:latest',
  ]);
});

test('the last stage of a name counts for COPY, the last one above for FROM', () => {
  const plan = planOf(
    'FROM one AS x\nFROM x AS y\nFROM two AS x\nFROM three\nCOPY --from=x /a /\nCOPY --from=y /b /\n',
  );
  const [first, second] = plan.stages.at(-1)!.steps;
  assert.equal(
    [first, second].map((step) => step?.kind === 'copy' && step.from),
    [
      { kind: 'stage', stage: 2 },
      { kind: 'stage', stage: 1 },
    ],
  );
  assert.equal(plan.stages[1]!.base, { kind: 'stage', stage: 0 });
});

test('triggers of an image come first, with the line of the FROM, and are gone from the config', () => {
  const stage = targetOf('\nFROM triggers\nRUN own\n', { buildArgs: { NAME: 'me' } });
  assert.equal(
    stage.steps.map(({ range, name, onbuild }) => [range.start.line, name, onbuild]),
    [
      [2, 'ONBUILD ARG NAME=nobody', true],
      [2, 'ONBUILD COPY --from=tools /tool /usr/bin/', true],
      [2, 'ONBUILD RUN hello me', true],
      [3, 'RUN own', false],
    ],
  );
  assert.is(stage.config.OnBuild, undefined);
});

test('triggers of a stage go off in the stages built on it, once', () => {
  const plan = planOf('FROM one AS a\nONBUILD ENV X=1\nFROM a AS b\nFROM b\n');
  assert.equal(
    plan.stages.map(({ steps }) => steps.length),
    [0, 1, 0],
  );
  assert.equal(
    plan.stages.map(({ config }) => config.OnBuild),
    [['ENV X=1'], undefined, undefined],
  );
  assert.equal(plan.stages[2]!.config.Env, ['PATH=/bin', 'X=1']);
});

test('a trigger that is no trigger is an error at the FROM', () => {
  assert.match(errorsOf('\nFROM badtrigger\n')[0]!, /^2: trigger `ONBUILD FROM other` of the base/);
});

test('named contexts replace images, stages and sources, one for the platform first', () => {
  const contexts = {
    'docker.io/library/one:latest': { kind: 'directory' },
    tools: { kind: 'image', reference: 'example.com/tools:2' },
    'sdk::linux/arm64': { kind: 'directory' },
    stage: { kind: 'image', reference: 'scratch' },
  } as const;
  const text = 'FROM one\nCOPY --from=tools /x /x\nRUN --mount=from=sdk,target=/s x\n';
  const { base, steps } = targetOf(text, { contexts });
  assert.equal(base, { kind: 'context', context: 'docker.io/library/one:latest' });
  assert.is(
    steps[0]?.kind === 'copy' && steps[0].from.kind === 'image' && steps[0].from.image.reference,
    'example.com/tools:2',
  );
  assert.is(steps[1]?.kind === 'run' && steps[1].mounts[0]?.type === 'bind' && steps[1].mounts[0].from.kind, 'image');
  const arm = targetOf(text, { contexts, platform: { os: 'linux', architecture: 'arm64' } });
  assert.is(
    arm.steps[1]?.kind === 'run' && arm.steps[1].mounts[0]?.type === 'bind' && arm.steps[1].mounts[0].from.kind,
    'context',
  );
  const replaced = planOf('FROM missing AS stage\nRUN never\nFROM stage\nRUN ever\n', { contexts });
  assert.equal(
    replaced.stages.map((stage) => [stage.base.kind, stage.steps.length]),
    [
      ['scratch', 0],
      ['stage', 1],
    ],
  );
});

test('labels of the request come last and only into the target', () => {
  const text = 'FROM one AS a\nLABEL x=file\nFROM a\nLABEL y=file\n';
  const plan = planOf(text, { labels: { y: 'request', z: 'request' } });
  assert.equal(
    plan.stages.map(({ config }) => config.Labels),
    [{ x: 'file' }, { x: 'file', y: 'request', z: 'request' }],
  );
});

test('the image is for the platform that is asked for, else for that of its base', () => {
  assert.is(targetOf('FROM arm\n').platform.architecture, 'arm64');
  assert.is(targetOf('FROM arm\n', { implicitPlatform: false }).platform.architecture, 'amd64');
  assert.is(
    targetOf('FROM scratch\n', { platform: { os: 'linux', architecture: 'arm', variant: 'v7' } }).platform.variant,
    'v7',
  );
});

test('a base for another platform is reported, unless the caller chose it', () => {
  assert.equal(warningsOf('FROM arm\n'), ['1: InvalidBaseImagePlatform']);
  assert.equal(warningsOf('FROM scratch\nCOPY --from=arm /x /x\n'), ['2: InvalidBaseImagePlatform']);
  assert.equal(warningsOf('FROM one\n', { contexts: { one: { kind: 'image', reference: 'arm' } } }), []);
});

test('the epoch comes from the build argument, then from the file', () => {
  const text = 'ARG SOURCE_DATE_EPOCH=2\nFROM scratch\n';
  assert.is(planOf(text, { buildArgs: { SOURCE_DATE_EPOCH: '1' } }).epoch, 1);
  assert.is(planOf(text).epoch, 2);
  assert.is(planOf('FROM scratch\n').epoch, undefined);
});

test('ssh mounts without a target are numbered among all ssh mounts', () => {
  const run = 'RUN --mount=type=ssh,target=/own --mount=type=secret,id=s --mount=type=ssh --mount=type=ssh,id=b x';
  const step = planOf(`FROM rich\n${run}\n`).stages[0]!.steps.find(({ kind }) => kind === 'run');
  assert.equal(step?.kind === 'run' && step.mounts.flatMap((mount) => (mount.type === 'ssh' ? [mount.target] : [])), [
    '/own',
    '/run/buildkit/ssh_agent.1',
    '/run/buildkit/ssh_agent.2',
  ]);
});

test('an epoch is a time of the years 0 to 9999, in seconds', () => {
  for (const epoch of ['soon', '1795651655000', '253402300800', '8640000000001', '-62167219201', '1.5', '0x1', ' 1']) {
    assert.is(errorsOf('FROM scratch\n', { buildArgs: { SOURCE_DATE_EPOCH: epoch } }).length, 1, epoch);
  }
  for (const epoch of [0, -1, 253402300799]) {
    assert.is(planOf('FROM scratch\n', { buildArgs: { SOURCE_DATE_EPOCH: String(epoch) } }).epoch, epoch);
  }
});

test('the same input gives the same plan', () => {
  const text = 'FROM rich AS a\nARG X=1\nRUN x\nFROM triggers\nCOPY --from=a /x /x\n';
  assert.equal(JSON.stringify(outcomeOf(text)), JSON.stringify(outcomeOf(text)));
});

test('an empty array is no command to run, though it is one to clear a CMD with', () => {
  const errors = errorsOf('FROM one\nCMD []\nRUN []\n');
  assert.equal(errors, ['3: `RUN` needs a command (write `RUN ["program", "argument"]`)']);
});

test('a stage whose name is not in lower case gets a hint with its name in FROM', () => {
  const errors = errorsOf('FROM one AS Two\nFROM Two\n');
  assert.match(errors[0]!, /must be lower case \(the stage is called `two`\)$/);
});

test.run();
