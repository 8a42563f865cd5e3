import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { copyParts, runParts, workdirParts } from '../../src/executor/key-parts.ts';
import type { CopyStep, RunStep, Step, WorkdirStep } from '../../src/plan/index.ts';
import { SETTINGS } from '../fakes/executor-services.ts';
import { planOf } from '../plan/plan-support.ts';

const test = suite('what the key of a step is made of');

/** The last step of a build file. */
function stepOf<T extends Step>(text: string, buildArgs: Readonly<Record<string, string>> = {}): T {
  return planOf(text, { buildArgs, contexts: { other: { kind: 'directory' } } })
    .stages.at(-1)!
    .steps.at(-1) as T;
}

const runs = (text: string, settings = SETTINGS, args = {}) =>
  runParts(stepOf<RunStep>(`FROM scratch\n${text}\n`, args), settings);
const copies = (text: string) => copyParts(stepOf<CopyStep>(`FROM scratch\n${text}\n`));

function changes(one: string, other: string, parts: readonly string[]): void {
  const of = one.includes('RUN') ? runs : copies;
  test(`\`${one}\` and \`${other}\` differ in ${parts.join(' and ') || 'nothing'}`, () => {
    const [first, second] = [of(one), of(other)].map((all) => new Map(all.map(({ name, value }) => [name, value])));
    const names = new Set([...first!.keys(), ...second!.keys()]);
    assert.equal([...names].filter((name) => first!.get(name) !== second!.get(name)).sort(), parts);
  });
}
changes('RUN a', 'RUN b', ['command']);
changes('RUN a', 'RUN ["a"]', ['command']);
changes('RUN a', 'RUN  a', []);
changes('ENV A=1\nRUN a', 'ENV A=2\nRUN a', ['env A']);
changes('ENV A=1=2\nRUN a', 'ENV A=1=3\nRUN a', ['env A']);
changes('ARG A=1\nRUN a', 'RUN a', ['env A']);
changes('USER 1\nRUN a', 'USER 2\nRUN a', ['user']);
changes('RUN --network=none a', 'RUN a', ['network']);
changes('RUN --network=none a', 'RUN --network=host a', ['network']);
changes('RUN --security=insecure a', 'RUN a', ['security']);
changes('LABEL a=b\nRUN a', 'EXPOSE 80\nRUN a', []);
changes('RUN --mount=type=cache,target=/c a', 'RUN a', ['mount /c']);
changes('RUN --mount=type=cache,target=/c a', 'RUN --mount=type=cache,target=/c,id=x a', ['mount /c']);
changes('RUN --mount=type=secret,id=s a', 'RUN --mount=type=secret,id=s,required a', ['mount /run/secrets/s']);
changes('RUN --mount=from=other,target=/m a', 'RUN --mount=target=/m a', []);
changes('RUN <<E\n#!/bin/a\n1\nE', 'RUN <<E\n#!/bin/a\n2\nE', ['script E']);
changes('COPY a /x', 'COPY b /x', ['sources']);
changes('COPY a /x', 'COPY a /y', ['destination']);
changes('COPY a /x', 'ADD a /x', ['instruction', 'options']);
changes('COPY a /x', 'COPY --chown=1 a /x', ['owner']);
changes('COPY --chmod=644 a /x', 'COPY --chmod=600 a /x', ['mode']);
changes('COPY a /x', 'COPY --link a /x', ['options']);
changes('COPY --parents a /x', 'COPY --parents --exclude=b a /x', ['excludes']);
changes('ADD http://one/a /x/', 'ADD http://two/b /x/', []);

test('the value of the secret, limits, host names and authorities are out', () => {
  const more = { ...SETTINGS, shmSize: 7, hostname: 'x', hosts: 'x', ulimits: [{ name: 'core', soft: 0, hard: 0 }] };
  assert.equal(runs('RUN a', { ...more, authorities: [Buffer.from('x')] }), runs('RUN a'));
});

test('the network of the build is that of a step that names none', () => {
  assert.equal(runs('RUN a', { ...SETTINGS, network: 'none' }), runs('RUN --network=none a'));
});

test('proxies are seen by the step and are not part of it', () => {
  assert.equal(runs('RUN a', SETTINGS, { HTTP_PROXY: 'http://p' }), runs('RUN a'));
});

test('a directory is its path and the user in force', () => {
  const step = { path: '/a', user: 'app' } as unknown as WorkdirStep;
  assert.equal(workdirParts(step), [
    { name: 'path', value: '/a' },
    { name: 'user', value: 'app' },
  ]);
});

test.run();
