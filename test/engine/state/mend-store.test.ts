import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSuspectError } from '../../../src/content/index.ts';
import { type MendServices, withBlame, withMending } from '../../../src/engine/state/mend-store.ts';
import { MkimageError, type Suspect } from '../../../src/errors.ts';
import { digestOf } from '../../../src/oci/index.ts';
import type { Call, ProgressEvent } from '../../../src/progress.ts';
import { refuses } from '../../support/rejects.ts';

const test = suite('mending the store');

/** Services in which these blobs are damaged; what was removed or forgotten is remembered. */
function servicesWith(damaged: readonly string[]) {
  const done: string[] = [];
  const store = {
    removeIfDamaged: async (digest: string) => {
      done.push(`looked at ${digest.slice(7, 11)}`);
      return damaged.includes(digest);
    },
    formsOf: () => [{ blob: { digest: FORM } }],
  };
  const services = {
    store,
    catalog: { forget: (diffId: string) => done.push(`forgot listing ${diffId.slice(7, 11)}`) },
    snapshotter: async () => ({ forget: async (chain: string) => done.push(`forgot chain ${chain.slice(7, 11)}`) }),
  } as unknown as MendServices;
  return { services, done };
}

const [BLOB, OTHER, FORM] = [digestOf('blob'), digestOf('other'), digestOf('form')];
const short = (digest: string) => digest.slice(7, 11);

function watched() {
  const warnings: string[] = [];
  const report = (event: ProgressEvent) => {
    if (event.type === 'warning') warnings.push(event.message);
  };
  return { call: { signal: new AbortController().signal, report } as Call, warnings };
}

/** Work that fails of each suspect in turn, then succeeds. */
function failing(...suspects: readonly Suspect[]) {
  const left = [...suspects];
  return async () => {
    const suspect = left.shift();
    if (suspect !== undefined) throw createSuspectError(suspect, 'damaged');
    return 'done';
  };
}

test('work is done again without what was damaged, and says so', async () => {
  const { services, done } = servicesWith([BLOB]);
  const { call, warnings } = watched();
  assert.is(await withMending(services, failing({ kind: 'blob', digest: BLOB }), call), 'done');
  assert.equal(done, [`looked at ${short(BLOB)}`]);
  assert.equal(warnings, [`blob \`${BLOB}\` was damaged in the store; it will be fetched or made again`]);
});

test('a suspect that is sound is not to blame: the error is thrown on', async () => {
  const { services } = servicesWith([]);
  await refuses(
    'integrity',
    () => withMending(services, failing({ kind: 'blob', digest: BLOB }), watched().call),
    /damaged/,
  );
});

test('the same suspect is removed once; that it fails again is an error', async () => {
  const { services, done } = servicesWith([BLOB]);
  const suspect: Suspect = { kind: 'blob', digest: BLOB };
  await refuses('integrity', () => withMending(services, failing(suspect, suspect), watched().call));
  assert.is(done.length, 1);
});

test('of a layer, the listing and every form are looked at; an unpacked one is forgotten', async () => {
  const { services, done } = servicesWith([]);
  const layer: Suspect = { kind: 'layer', diffId: BLOB, blob: OTHER };
  const unpacked = { kind: 'unpacked', chain: OTHER } as unknown as Suspect;
  assert.is(await withMending(services, failing(layer, unpacked), watched().call), 'done');
  const looked = [BLOB, OTHER, FORM].map((digest) => `looked at ${short(digest)}`);
  assert.equal(done, [`forgot listing ${short(BLOB)}`, ...looked, `forgot chain ${short(OTHER)}`]);
});

test('other failures, and a cancelled call, mend nothing', async () => {
  const { services, done } = servicesWith([BLOB]);
  const work = async () => {
    throw new MkimageError('network', 'no way');
  };
  await refuses('network', () => withMending(services, work, watched().call));
  const call: Call = { signal: AbortSignal.abort(), report: () => {} };
  await refuses('integrity', () => withMending(services, failing({ kind: 'blob', digest: BLOB }), call));
  assert.equal(done, []);
});

test('what cannot be done again names what was damaged, and looks at what was still to be read', async () => {
  const { services, done } = servicesWith([BLOB]);
  const work = failing({ kind: 'blob', digest: BLOB });
  const error = await refuses(
    'integrity',
    () => withBlame(services, work, { call: watched().call, others: [OTHER] }),
    /is damaged in the store/,
  );
  assert.match(error.hint ?? '', /build, pull or load/);
  assert.equal(done, [`looked at ${short(BLOB)}`, `looked at ${short(OTHER)}`]);
});

test.run();
