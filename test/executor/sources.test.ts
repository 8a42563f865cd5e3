import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MkimageError } from '../../src/errors.ts';
import { chainOf } from '../../src/executor/chain.ts';
import { contextSources, requireContextSources, sourceFault } from '../../src/executor/context-sources.ts';
import { missingSource } from '../../src/executor/sources/missing-source.ts';
import { sourceTrees } from '../../src/executor/sources/source-trees.ts';
import type { ResolvedImage } from '../../src/oci/index.ts';
import type { Step } from '../../src/plan/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { contextWith, type Files } from '../fakes/executor-services.ts';
import { memoryLayers } from '../fakes/memory-layers.ts';
import { planOf } from '../plan/plan-support.ts';
import { rejects } from '../support/rejects.ts';
import { treeOf } from '../support/tree-of.ts';

const test = suite('sources of steps');
const call = createQuietCall();

const describeMissing = async (_source: unknown, path: string) => ({ message: `no \`${path}\``, hint: undefined });
const services = (files: Readonly<Record<string, Files>>) => ({
  describeMissing,
  context: async (name: string) => {
    const found = files[name];
    if (found === undefined) throw new MkimageError('usage', `open context \`${name}\`: not there`);
    return contextWith(found);
  },
});

function stepsOf(text: string): readonly Step[] {
  return planOf(`FROM scratch\n${text}\n`, { contexts: { other: { kind: 'directory' } } }).stages.at(-1)!.steps;
}

/** What is wrong with the sources of instructions. */
async function faults(text: string, files: Readonly<Record<string, Files>>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const source of contextSources(stepsOf(text))) {
    const fault = await sourceFault(source, services(files), call);
    if (fault !== undefined) found.push(`${fault.code} ${fault.message}`);
  }
  return found;
}

test('are looked for in contexts only, each with its step', () => {
  const sources = contextSources(
    stepsOf(
      'COPY a b /\nADD http://host/x /\nCOPY --from=other c /\nCOPY --from=one d /\nRUN --mount=source=e,target=/m x',
    ),
  );
  assert.equal(
    sources.map(({ context, step }) => `${context || 'main'} ${step.kind}`),
    ['main copy', 'main copy', 'other copy', 'main run'],
  );
});

test('that are there are no fault', async () => {
  assert.equal(await faults('COPY a /\nRUN --mount=source=d,target=/m x', { '': { a: '1', 'd/b': '2' } }), []);
});

test('that are missing are told, one for each', async () => {
  assert.equal(await faults('COPY a b /\nRUN --mount=source=c,target=/m x', { '': { a: '1' } }), [
    'source-missing no `b`',
    'source-missing no `c`',
  ]);
});

test('with wildcards may match nothing, but have to be well formed', async () => {
  assert.equal(await faults('COPY *.none /', { '': {} }), []);
  const [fault] = await faults('COPY [a /', { '': {} });
  assert.match(fault ?? '', /^step-failed /);
});

test('that lead through a link that --parents does not follow say so', async () => {
  const files = { '': { 'v2/a': '1', current: { link: 'v2' } } };
  assert.equal(await faults('COPY --parents v2/a /', files), []);
  assert.match((await faults('COPY --parents current/a /', files))[0] ?? '', /contains the symbolic link `current`/);
});

test('of a context that cannot be opened say why', async () => {
  assert.equal(await faults('COPY --from=other a /', { '': {} }), ['usage open context `other`: not there']);
});

test('that are missing end the build with their place', async () => {
  const steps = stepsOf('COPY a /\nCOPY gone /');
  const error = await rejects(requireContextSources(steps, services({ '': { a: '1' } }), call), 'source-missing');
  assert.equal([error.place?.range.start.line, error.place?.step], [3, 'COPY gone /']);
  await requireContextSources(stepsOf('COPY a /'), services({ '': { a: '1' } }), call);
});

test('behind a link that leads nowhere are told with the link', async () => {
  const tree = treeOf({ app: { link: 'v3' } });
  const { message } = await missingSource({ describeMissing }, tree, {
    from: { kind: 'context', context: '' },
    path: 'app',
  });
  assert.is(message, '`app` is a symbolic link to `v3`: no `v3`');
});

// How they are opened

function opening(files: Files = {}) {
  const layers = memoryLayers();
  const asked: number[] = [];
  const stage = async (id: number) => {
    asked.push(id);
    return { chain: chainOf([await layers.add({ x: String(id) })]), cause: `stage ${id} changed` };
  };
  const trees = sourceTrees({ ...layers, context: async () => contextWith(files) }, stage, call);
  return { layers, asked, trees };
}

test('of a stage wait for it and bring its cause', async () => {
  const { asked, trees } = opening();
  const source = { kind: 'stage', stage: 3 } as const;
  assert.is((await trees.tree(source, ['x'], call)).stat('x')?.type, 'file');
  assert.is(await trees.cause(source), 'stage 3 changed');
  assert.equal([...new Set(asked)], [3]);
});

test('of an image are fetched when they are looked into, not when they are opened', async () => {
  const { layers, trees } = opening();
  const image = { reference: 'one', layers: [await layers.add({ y: '1' })] } as unknown as ResolvedImage;
  const source = { kind: 'image', image } as const;
  const opened = await trees.open(source);
  assert.equal([opened.kind, layers.fetched.length], ['chain', 0]);
  assert.is((await trees.tree(source, [''], call)).stat('y')?.type, 'file');
  assert.equal(layers.fetched, ['one']);
  assert.is(await trees.cause(source), undefined);
});

test('of scratch are none', async () => {
  const { trees } = opening();
  assert.equal((await trees.tree({ kind: 'scratch' }, [''], call)).list(''), []);
});

test('of a context are listed as far as is asked for', async () => {
  const { trees } = opening({ a: '1' });
  const source = { kind: 'context', context: '' } as const;
  assert.is((await trees.tree(source, ['a'], call)).stat('a')?.type, 'file');
  assert.is((await trees.open(source)).kind, 'context');
});

test.run();
