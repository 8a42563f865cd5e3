import { lstatSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MkimageError } from '../../src/errors.ts';
import type { StepSecrets } from '../../src/executor/index.ts';
import type { SandboxMount, SandboxSpec } from '../../src/sandbox/index.ts';
import { type Building, workshop } from '../fakes/executor-services.ts';
import type { Outcome } from '../fakes/memory-roots.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('mounts of RUN');

const AGENT = { connect: () => new PassThrough() };
const NOTHING: StepSecrets = { secret: async () => undefined, sshAgent: async () => undefined };

/** Runs a step with mounts, looks at them while it runs, and gives what was seen. */
async function seen<T>(text: string, look: (spec: SandboxSpec) => T, more: Building = {}) {
  let result: T | undefined;
  const shop = workshop((spec): Outcome => {
    result = look(spec);
    return {};
  });
  await shop.build(text, more);
  return { result: result as T, shop };
}

const mountsOf = ({ mounts }: SandboxSpec) => mounts;
const sourceOf = (mount: SandboxMount | undefined): string => (mount?.kind === 'bind' ? mount.source : '');

test('come so that none hides another: first those in which others lie', async () => {
  const text = `FROM scratch
RUN --mount=type=tmpfs,target=/a/c,size=4096 --mount=type=cache,target=/b --mount=type=tmpfs,target=/a x\n`;
  const { result } = await seen(text, mountsOf);
  assert.equal(
    result.map(({ kind, target }) => `${kind} ${target}`),
    ['tmpfs /a', 'tmpfs /a/c', 'bind /b'],
  );
  assert.equal(result[1], { kind: 'tmpfs', target: '/a/c', size: 4096, mode: 0o1777 });
});

test('of a stage show its layers, topmost first', async () => {
  const text = 'FROM scratch AS a\nRUN one\nFROM scratch\nRUN --mount=from=a,source=/d,target=/m two\n';
  const { result, shop } = await seen(text, mountsOf);
  const [mount] = result;
  assert.equal([mount?.kind, mount?.kind === 'tree' && mount.subpath, mount?.target], ['tree', 'd', '/m']);
  assert.equal(shop.roots.log.slice(-6), ['prepare 0', 'view 0', 'run two', 'look', 'unview', 'drop']);
});

test('of an image wait for its layers', async () => {
  const { shop } = await seen('FROM scratch\nRUN --mount=from=tools,target=/m x\n', mountsOf);
  assert.equal(shop.layers.fetched, ['docker.io/library/tools:latest']);
});

test('of a context show one layer that holds what is at the path', async () => {
  const files = { 'd/a': '1', 'd/b': '2', e: '3' };
  const { result, shop } = await seen('FROM scratch\nRUN --mount=source=d,target=/m x\n', mountsOf, { files });
  const [mount] = result;
  assert.ok(mount?.kind === 'tree');
  assert.equal([mount.subpath, mount.lowers.length, mount.writable], ['d', 1, undefined]);
  assert.ok(shop.roots.log.includes('view 1'));
});

test('of a context may be named by a link', async () => {
  const files = { 'v2/a': '1', current: { link: 'v2' } };
  const { result } = await seen('FROM scratch\nRUN --mount=source=current,target=/m x\n', mountsOf, { files });
  assert.is(result[0]?.kind === 'tree' && result[0].subpath, 'v2');
});

test('that may be written to are written to elsewhere, and that is thrown away', async () => {
  const look = ({ mounts: [mount] }: SandboxSpec) => {
    assert.ok(mount?.kind === 'tree' && mount.writable !== undefined);
    return [mount.writable.upper, mount.writable.work].map((path) => lstatSync(path).isDirectory());
  };
  const { result, shop } = await seen('FROM scratch\nRUN --mount=target=/m,rw x\n', look, { files: { a: '1' } });
  assert.equal(result, [true, true]);
  assert.equal(readdirSync(shop.services.scratch), []);
});

test('of contexts are inputs of the step, and what caches hold is not', async () => {
  const shop = workshop();
  const text = 'FROM scratch\nRUN --mount=source=d,target=/m --mount=type=cache,target=/c nothing\n';
  await shop.build(text, { files: { 'd/a': '1', other: '1' } });
  const same = await shop.build(text, { files: { 'd/a': '1', other: '2' } });
  assert.equal(same.steps, ['cached 0/2']);
  const changed = await shop.build(text, { files: { 'd/a': '2', other: '2' } });
  assert.equal(changed.steps, ['ran 0/2']);
  assert.match(changed.reasons[0] ?? '', /a/);
});

test('of a stage are as it is: what changed there is the cause', async () => {
  const shop = workshop();
  const text = (word: string) =>
    `FROM scratch AS a\nRUN put x ${word}\nFROM scratch\nRUN --mount=from=a,target=/m nothing\n`;
  await shop.build(text('one'));
  const { reasons } = await shop.build(text('two'));
  assert.match(reasons[1] ?? '', /RUN put x two/);
});

test('secrets are files in memory that only their owner reads, and gone afterwards', async () => {
  const asked: string[] = [];
  const secrets = {
    ...NOTHING,
    secret: async (id: string) => {
      asked.push(id);
      return Buffer.from(`value of ${id}`);
    },
  };
  const look = ({ mounts }: SandboxSpec) =>
    mounts.map((mount) => {
      const source = sourceOf(mount);
      const { mode } = statSync(source);
      return [
        mount.target,
        (mode & 0o777).toString(8),
        readFileSync(source, 'utf8'),
        source.startsWith('/dev/shm/'),
        source,
      ] as const;
    });
  const text = 'FROM scratch\nRUN --mount=type=secret,id=a --mount=type=secret,id=b,target=/b,mode=0440 x\n';
  const { result } = await seen(text, look, { services: { secrets } });
  assert.equal(
    result.map((each) => each.slice(0, 4)),
    [
      ['/run/secrets/a', '400', 'value of a', true],
      ['/b', '440', 'value of b', true],
    ],
  );
  assert.equal(asked, ['a', 'b']);
  for (const [, , , , source] of result) assert.throws(() => statSync(source), /ENOENT/);
});

test('a secret for a variable alone is no file', async () => {
  const secrets = { ...NOTHING, secret: async () => Buffer.from('hidden-value') };
  const text = 'FROM scratch\nRUN --mount=type=secret,id=a,env=A x\n';
  const { result } = await seen(text, (spec) => [spec.mounts.length, spec.process.env.includes('A=hidden-value')], {
    services: { secrets },
  });
  assert.equal(result, [0, true]);
});

test('secrets are not asked for by steps that are cached', async () => {
  const shop = workshop();
  const text = 'FROM scratch\nRUN --mount=type=secret,id=a nothing\n';
  await shop.build(text, { services: { secrets: { ...NOTHING, secret: async () => Buffer.from('hidden-value') } } });
  const secret = async (): Promise<never> => {
    throw new Error('it was asked for');
  };
  const { steps } = await shop.build(text, { services: { secrets: { ...NOTHING, secret } } });
  assert.equal(steps, ['cached 0/2']);
});

test('a secret that was not given is left out, or missed if it is required', async () => {
  const { result } = await seen('FROM scratch\nRUN --mount=type=secret,id=a x\n', mountsOf);
  assert.equal(result, []);
  const shop = workshop();
  const text = 'FROM scratch\nRUN --mount=type=secret,id=a,required x\n';
  const error = await rejects(shop.build(text), 'usage', /^secret `a` is required and was not given$/);
  assert.equal([error.hint, error.place?.range.start.line], ['give it with --secret id=a,src=FILE', 2]);
});

test('an agent that was not given is left out, or missed if it is required', async () => {
  const { result } = await seen('FROM scratch\nRUN --mount=type=ssh x\n', mountsOf);
  assert.equal(result, []);
  const error = await rejects(
    workshop().build('FROM scratch\nRUN --mount=type=ssh,required x\n'),
    'usage',
    /^ssh agent `default` is required and was not given$/,
  );
  assert.is(error.hint, 'give it with --ssh default');
});

test('a build that waits for a secret can be cancelled', async () => {
  const stop = new AbortController();
  const secret: StepSecrets['secret'] = (_id, { signal }) =>
    new Promise((_settle, fail) =>
      signal.addEventListener('abort', () => fail(new MkimageError('cancelled', 'cancelled'))),
    );
  const work = workshop().build('FROM scratch\nRUN --mount=type=secret,id=a x\n', {
    signal: stop.signal,
    services: { secrets: { ...NOTHING, secret } },
  });
  setTimeout(() => stop.abort(), 20);
  await rejects(work, 'cancelled');
});

test('what a giver of secrets finds wrong has the place of the step', async () => {
  const secret = async (): Promise<never> => {
    throw new MkimageError('limit', 'read secret `a`: it is too large');
  };
  const services = { secrets: { ...NOTHING, secret } };
  const error = await rejects(
    workshop().build('FROM scratch\n\nRUN --mount=type=secret,id=a x\n', { services }),
    'limit',
    /too large/,
  );
  assert.is(error.place?.range.start.line, 3);
});

test('an agent is a socket, and SSH_AUTH_SOCK is the first that is there', async () => {
  const secrets = { ...NOTHING, sshAgent: async (id: string) => (id === 'none' ? undefined : AGENT) };
  const look = ({ mounts, process }: SandboxSpec) => [
    process.env.filter((pair) => pair.startsWith('SSH_AUTH_SOCK=')).join(),
    ...mounts.map((mount) => statSync(sourceOf(mount)).isSocket()),
  ];
  const ssh = (id: string, target: string) => `--mount=type=ssh,id=${id},target=${target} `;
  const withMounts = async (mounts: string, before = '') =>
    (await seen(`FROM scratch\n${before}RUN ${mounts}x\n`, look, { services: { secrets } })).result;
  assert.equal(await withMounts(ssh('a', '/1') + ssh('b', '/2')), ['SSH_AUTH_SOCK=/1', true, true]);
  assert.equal(await withMounts(ssh('none', '/1') + ssh('b', '/2')), ['SSH_AUTH_SOCK=/2', true]);
  assert.equal(await withMounts(ssh('none', '/1')), ['']);
  assert.equal(await withMounts(ssh('a', '/1'), 'ENV SSH_AUTH_SOCK=/mine\n'), ['SSH_AUTH_SOCK=/mine', true]);
});

test('heredoc scripts that name their program are files that can be executed', async () => {
  const text = 'FROM scratch\nRUN <<EOF\n#!/usr/bin/env python\nprint(1)\nEOF\n';
  const look = ({ mounts: [mount] }: SandboxSpec) => {
    const [name = ''] = readdirSync(sourceOf(mount));
    const file = join(sourceOf(mount), name);
    return [mount?.target, readFileSync(file, 'utf8'), statSync(file).mode & 0o777] as const;
  };
  const { result } = await seen(text, look);
  assert.equal(result, ['/dev/pipes', '#!/usr/bin/env python\nprint(1)\n', 0o755]);
});

test('what a mount holds is given back though a later one cannot be made', async () => {
  const shop = workshop();
  const text =
    'FROM scratch AS a\nRUN put x 1\nFROM scratch\nRUN --mount=from=a,target=/m --mount=type=secret,id=a,required x\n';
  await rejects(shop.build(text), 'usage');
  assert.equal(shop.roots.log.slice(-4), ['prepare 0', 'view 1', 'unview', 'drop']);
  assert.equal(readdirSync(shop.services.scratch), []);
});

test('a cache begins with what a source has, and keeps what steps put there', async () => {
  const text = 'FROM scratch\nRUN --mount=type=cache,target=/c,from=first,source=d x\n';
  const building: Building = { files: { 'd/a': '1', b: '2' }, plan: { contexts: { first: { kind: 'directory' } } } };
  const { result, shop } = await seen(
    text,
    ({ mounts: [mount] }) => {
      const source = sourceOf(mount);
      const names = readdirSync(source);
      mkdtempSync(join(source, 'kept-'));
      return names;
    },
    building,
  );
  assert.equal(result, ['a']);
  await shop.build(text, { ...building, services: { skipsCache: () => true } });
  const source = sourceOf(shop.roots.specs.at(-1)?.mounts[0]);
  assert.equal(
    readdirSync(source)
      .map((name) => name.replace(/-.*/, ''))
      .sort(),
    ['a', 'kept', 'kept'],
  );
});

test.run();
