/**
 * What steps may expect of snapshots and a sandbox together. The tests run on real ones and on the fake of the executor's tests,
 * so that these tests do not prove something that holds for the fake only. Programs are written in the few words that both know.
 */
import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { locateContent } from '../../src/content/index.ts';
import type { Isolation } from '../../src/executor/services.ts';
import type { Change } from '../../src/layer/index.ts';
import { computeChainId, digestOf, type Layer } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import type { ActiveSnapshot } from '../../src/snapshot/index.ts';
import { runStep, type StepResult, stepSpec } from '../support/run-step.ts';

type Add = (name: string, run: () => Promise<void>) => void;

export interface IsolationUnderTest extends Isolation {
  /** A folder of this test for what the sandbox writes outside the root filesystem. */
  readonly base: string;
  /** At least two layers; with real snapshots, the lowest one has a shell. */
  readonly layers: readonly [Layer, ...Layer[]];
}

/** The words of the fake's shell as functions of a real one. */
const WORDS = `
put() { path=$1; shift; printf %s "$*" >"/$path"; }
say() { echo "$*"; }
nothing() { :; }
env() { eval "echo $1=\\$$1"; }
fail() { echo 'it is broken' >&2; exit "$1"; }
wait() { exec sleep 60; }
`;

export function isolationContract(test: Add, isolation: IsolationUnderTest): void {
  const { base, layers } = isolation;
  const prepare = async (): Promise<ActiveSnapshot> =>
    (await isolation.snapshotter()).prepare(layers, createQuietCall());
  const specFor = ({ rootfs }: ActiveSnapshot, script: string, env: readonly string[] = []) =>
    stepSpec(base, rootfs, ['/bin/sh', '-ec', `${WORDS}\neval "$1"`, 'sh', script], {
      process: { env: ['PATH=/bin', ...env] },
    });
  const runIn = async (snapshot: ActiveSnapshot, script: string, env?: readonly string[]): Promise<StepResult> =>
    runStep(await isolation.sandbox(), specFor(snapshot, script, env));
  const run = async (script: string, env?: readonly string[]): Promise<StepResult> => {
    await using snapshot = await prepare();
    return await runIn(snapshot, script, env);
  };

  test('files that a step writes are its changes, with their content', async () => {
    await using snapshot = await prepare();
    const { code, mountPoints } = await runIn(snapshot, 'put one first text; put two second');
    assert.is(code, 0);
    assert.equal(await filesIn(snapshot.changes({ exclude: mountPoints })), ['one: first text', 'two: second']);
  });

  test('a step that writes nothing has no changed files', async () => {
    await using snapshot = await prepare();
    const { code, mountPoints } = await runIn(snapshot, 'nothing');
    assert.is(code, 0);
    assert.equal(await filesIn(snapshot.changes({ exclude: mountPoints })), []);
  });

  test('two snapshots of the same layers do not see the changes of each other', async () => {
    await using left = await prepare();
    await using right = await prepare();
    const inLeft = await runIn(left, 'put left 1');
    const inRight = await runIn(right, 'put right 2');
    assert.equal(await filesIn(left.changes({ exclude: inLeft.mountPoints })), ['left: 1']);
    assert.equal(await filesIn(right.changes({ exclude: inRight.mountPoints })), ['right: 2']);
  });

  test('the exit code and both outputs are reported', async () => {
    const { code, signal, stdout, stderr } = await run('say before; fail 3');
    assert.is(code, 3);
    assert.not(signal);
    assert.is(stdout, 'before\n');
    assert.match(stderr, /it is broken/);
  });

  test('a program that does not exist ends with the code 127', async () => {
    const { code, stderr } = await run('frobnicate');
    assert.is(code, 127);
    assert.match(stderr, /frobnicate: not found/);
  });

  test('a step gets the environment of its process', async () => {
    const { stdout } = await run('env COLOUR', ['COLOUR=blue']);
    assert.is(stdout, 'COLOUR=blue\n');
  });

  test('a cancelled step is killed', async () => {
    await using snapshot = await prepare();
    const controller = new AbortController();
    const sandbox = await isolation.sandbox();
    const running = await sandbox.start(specFor(snapshot, 'wait'), controller.signal);
    for (const stream of [running.stdout, running.stderr]) stream.resume();
    controller.abort();
    const { code, signal } = await running.exited;
    assert.ok(code === 137 || signal === 'SIGKILL', `${code} ${signal}`);
  });

  test('two steps with the same result may both commit it', async () => {
    await using first = await prepare();
    await using second = await prepare();
    const chain = computeChainId([...layers.map(({ diffId }) => diffId), digestOf('the result')]);
    for (const snapshot of [first, second]) {
      await runIn(snapshot, 'put one 1');
      await snapshot.verifyBase();
      await snapshot.commit(chain);
    }
  });
}

/** Paths and contents of the files that were written. */
async function filesIn(changes: Iterable<Change>): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const change of changes) {
    if (change.kind !== 'put' || change.content === undefined) continue;
    const place = await locateContent(change.content);
    const bytes =
      place.kind === 'bytes'
        ? Buffer.from(place.bytes)
        : readFileSync(place.file).subarray(place.offset, place.offset + place.size);
    lines.push(`${change.entry.path}: ${bytes}`);
  }
  return lines;
}
