import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkEmulators, listForeignSteps } from '../../../src/engine/build/emulators.ts';
import type { MkimageError } from '../../../src/errors.ts';
import { mergePlans } from '../../../src/plan/index.ts';
import { createQuietCall, type ProgressEvent } from '../../../src/progress.ts';
import type { Emulation } from '../../../src/sandbox/index.ts';
import { workshop } from '../../fakes/executor-services.ts';
import { AMD64, planOf } from '../../plan/plan-support.ts';
import { rejects } from '../../support/rejects.ts';

const test = suite('emulators for steps');
const ARM64 = { os: 'linux', architecture: 'arm64' };

function plan(text: string, ...platforms: readonly (typeof AMD64)[]) {
  return mergePlans(platforms.map((platform) => planOf(text, { platform, implicitPlatform: false })));
}

function foreign(text: string): readonly string[] {
  return listForeignSteps(plan(text, AMD64, ARM64), AMD64).map(({ step }) => step.name);
}

test('steps for another processor are found by their base', () => {
  assert.equal(foreign('FROM scratch\nCOPY x /x\nRUN one\nRUN two\n'), ['RUN one', 'RUN two']);
  assert.equal(foreign('FROM arm:1 AS a\nRUN one\nFROM a\nRUN two\n'), ['RUN one', 'RUN two', 'RUN two']);
  // The image named `one` has programs for amd64 whatever the build is for.
  assert.equal(foreign('FROM one\nRUN one\n'), []);
  assert.equal(foreign('FROM --platform=$BUILDPLATFORM one AS a\nRUN x\nFROM scratch\nCOPY --from=a / /\n'), []);
});

const TEXT = 'FROM scratch\nRUN put a one\nRUN put b two\nCOPY c /c\n';

/** Checks a build for arm64 on a machine for amd64. */
async function check(emulation: Emulation, shop = workshop()) {
  const events: ProgressEvent[] = [];
  const asked: string[] = [];
  const services = {
    config: { platform: AMD64 },
    emulation: async (architecture: string) => {
      asked.push(architecture);
      return emulation;
    },
  } as unknown as Parameters<typeof checkEmulators>[0];
  const call = { ...createQuietCall(), report: (event: ProgressEvent) => void events.push(event) };
  const work = checkEmulators(services, { plan: plan(TEXT, ARM64), working: shop.services }, call);
  const error = await work.then(
    () => undefined,
    (reason: MkimageError) => reason,
  );
  return { error, events, asked, log: shop.roots.log };
}

test('an emulator that is always there needs no word', async () => {
  const { error, events, asked } = await check({ canRun: true });
  assert.equal([error, events, asked], [undefined, [], ['arm64']]);
});

test('an emulator that has to be in the image is a warning', async () => {
  const { error, events } = await check({ canRun: true, interpreterInRoot: '/usr/bin/qemu' });
  assert.is(error, undefined);
  assert.match(JSON.stringify(events), /without flag F: steps need `\/usr\/bin\/qemu` in their image/);
});

test('without an emulator nothing is built, and the steps and the package are named', async () => {
  const { error, log, events } = await check({ canRun: false });
  assert.is(error?.code, 'sandbox');
  assert.match(error!.message, /^build for linux\/arm64: .* `RUN put a one` \(line 2\), `RUN put b two` \(line 3\)$/);
  assert.match(error!.hint!, /qemu-user-static/);
  assert.is(error!.place?.range.start.line, 2);
  assert.equal([log, events], [[], []]);
});

test('without an emulator the steps may be cached', async () => {
  const shop = workshop();
  await shop.build(TEXT, { plan: { platform: ARM64, implicitPlatform: false }, files: { c: 'three' } });
  const { error } = await check({ canRun: false }, shop);
  assert.is(error, undefined);
});

test('a machine for another system cannot be emulated', async () => {
  const windows = mergePlans([
    planOf('FROM scratch\nRUN x\n', { platform: { os: 'windows', architecture: 'amd64' }, implicitPlatform: false }),
  ]);
  const never = async () => {
    throw new Error('it was asked');
  };
  const services = { config: { platform: AMD64 }, emulation: never } as unknown as Parameters<typeof checkEmulators>[0];
  const check = checkEmulators(services, { plan: windows, working: workshop().services }, createQuietCall());
  await rejects(check, 'sandbox', /build for windows\/amd64/);
});

test.run();
