import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Platform } from '../../src/oci/index.ts';
import { mergePlans, type WorkPlan } from '../../src/plan/index.ts';
import { AMD64, planOf } from './plan-support.ts';

const test = suite('plans for several platforms');
const ARM64 = { os: 'linux', architecture: 'arm64' };

function merge(text: string, platforms: readonly Platform[] = [AMD64, ARM64]): WorkPlan {
  return mergePlans(platforms.map((platform) => planOf(text, { platform, implicitPlatform: false })));
}

/** What is shown before each step. */
function shown({ stages }: WorkPlan): readonly string[] {
  return stages.map(({ origin, name }) => [origin?.shown, name ?? `stage-${origin?.number}`].join(' '));
}

test('one plan keeps its stages and their numbers', () => {
  const plan = planOf('FROM one AS a\nRUN x\nFROM two\nCOPY --from=a / /\n');
  assert.equal(mergePlans([plan]), { stages: plan.stages, targets: [1], epoch: undefined });
});

test('a stage on the build platform is done once, and each target copies from it', () => {
  const plan = merge('FROM --platform=$BUILDPLATFORM one AS build\nRUN x\nFROM two\nCOPY --from=build /x /x\n');
  assert.equal(shown(plan), ['linux/amd64 build', 'linux/amd64 stage-1', 'linux/arm64 stage-1']);
  assert.equal(plan.targets, [1, 2]);
  for (const target of plan.targets) {
    const [step] = plan.stages[target]!.steps;
    assert.ok(step?.kind === 'copy');
    assert.equal(step.from, { kind: 'stage', stage: 0 });
  }
});

test('a stage on the build platform that sees the target platform is done for each target', () => {
  const text =
    'FROM --platform=$BUILDPLATFORM one AS build\nARG TARGETARCH\nRUN x\nFROM two\nCOPY --from=build /x /x\n';
  const plan = merge(text);
  assert.equal(shown(plan), [
    'linux/amd64 build',
    'linux/amd64 stage-1',
    'linux/amd64->arm64 build',
    'linux/arm64 stage-1',
  ]);
  const froms = plan.stages.flatMap(({ steps }) => steps.flatMap((step) => (step.kind === 'copy' ? [step.from] : [])));
  assert.equal(froms, [
    { kind: 'stage', stage: 0 },
    { kind: 'stage', stage: 2 },
  ]);
});

test('bases and mounts are renumbered too', () => {
  const text = 'FROM one AS a\nARG TARGETARCH\nRUN x\nFROM a AS b\nRUN --mount=from=a,target=/m y\n';
  const { stages, targets } = merge(text);
  assert.equal(targets, [1, 3]);
  const uses = stages.map(({ base, steps }) => [
    base.kind === 'stage' ? base.stage : undefined,
    ...steps.flatMap((step) => (step.kind === 'run' ? step.mounts : [])).map((mount) => 'from' in mount && mount.from),
  ]);
  assert.equal(uses, [[undefined], [0, { kind: 'stage', stage: 0 }], [undefined], [2, { kind: 'stage', stage: 2 }]]);
});

test('the variant of a target is shown', () => {
  const arm = (variant: string) => ({ os: 'linux', architecture: 'arm', variant });
  const text = 'FROM --platform=$BUILDPLATFORM one AS a\nARG TARGETVARIANT\nRUN x\n';
  assert.equal(shown(merge(text, [arm('v6'), arm('v7')])), ['linux/arm/v6 a', 'linux/arm/v7 a']);
  const used = 'FROM --platform=$BUILDPLATFORM one AS a\nARG TARGETVARIANT\nRUN x\nFROM two\nCOPY --from=a / /\n';
  assert.equal(shown(merge(used, [arm('v6'), AMD64])).slice(0, 3), [
    'linux/amd64->arm/v6 a',
    'linux/arm/v6 stage-1',
    'linux/amd64 a',
  ]);
});

test('one platform can be shown as one of several', () => {
  const plan = planOf('FROM one\nRUN x\n', { platform: ARM64, implicitPlatform: false });
  assert.equal(shown(mergePlans([plan], { showsPlatforms: true })), ['linux/arm64 stage-0']);
  assert.is(mergePlans([plan], { showsPlatforms: true }).stages[0]!.origin!.isOnly, true);
});

test.run();
