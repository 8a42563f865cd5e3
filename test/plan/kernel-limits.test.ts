import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile } from '../../src/instructions/index.ts';
import type { ContainerConfig } from '../../src/oci/index.ts';
import { createPlan } from '../../src/plan/index.ts';
import { answer, planRequest, settle } from './plan-support.ts';

const test = suite('what the kernel takes of a step');

/** The messages of a build file on a base with such a config, and the lines that they point to. */
function told(text: string, config: ContainerConfig = { Env: ['PATH=/bin'] }): readonly string[] {
  const file = parseBuildFile(`FROM base\n${text}`);
  const { outcome } = settle(createPlan(file, planRequest()), (base) => {
    const found = answer(base);
    if (found.kind !== 'image') throw new Error('no image');
    return { kind: 'image', image: { ...found.image, config: { ...found.image.config, config } } };
  });
  if (outcome.kind !== 'errors') return [];
  return outcome.diagnostics.map(({ message, range }) => `${range.start.line}: ${message}`);
}

test('a NUL ends programs and names, so none is taken', () => {
  assert.equal(told('ENV A=\0b'), ['2: variable `A` has a NUL byte']);
  assert.equal(told('RUN echo \0'), ['2: the command has a NUL byte']);
  assert.equal(told('RUN ["a\\u0000", "b"]'), ['2: `a\0` before the command has a NUL byte']);
  assert.equal(told('RUN <<E\na\0b\nE'), ['2: the command has a NUL byte']);
  assert.equal(told('WORKDIR /a\0b'), ['2: the working directory has a NUL byte']);
  assert.equal(told('USER a\0b'), ['2: USER has a NUL byte']);
  assert.equal(told('COPY a /a\0b'), ['2: the destination has a NUL byte']);
  assert.equal(told('COPY a\0 /a'), ['2: a source has a NUL byte']);
  assert.equal(told('ARG A=\0\nRUN true'), ['3: variable `A` has a NUL byte']);
  assert.equal(told('RUN --mount=type=cache,target=/a\0 true'), ['2: the target of a mount has a NUL byte']);
});

test('the body of a copied heredoc is data', () => {
  assert.equal(told('COPY <<E /a\na\0b\nE'), []);
});

test('what a base says is looked at where a step needs it', () => {
  assert.equal(told('RUN true', { Env: ['A=\0'] }), ['2: variable `A` has a NUL byte']);
  assert.equal(told('RUN true', { WorkingDir: '/a\0b' }), ['2: the working directory has a NUL byte']);
  assert.equal(told('RUN true', { Shell: ['/bin/sh\0', '-c'] }), ['2: `/bin/sh\0` before the command has a NUL byte']);
  assert.equal(told('RUN true', { User: 'a\0' }), ['2: USER has a NUL byte']);
  assert.equal(told('LABEL a=b', { Env: ['A=\0'], WorkingDir: '/\0' }), []);
});

test('a variable longer than the kernel takes is named', () => {
  const env = (bytes: number) => ({ Env: [`BIG=${'é'.repeat((bytes - 4) / 2)}`, 'PATH=/bin'] });
  assert.equal(told('RUN true', env(131_070)), []);
  assert.equal(told('RUN true', env(131_072)), ['2: variable `BIG` is 131072 bytes long: the kernel allows 131071']);
});

test('so is a command, and a path', () => {
  assert.equal(told(`RUN <<E\n${'x'.repeat(60_000)}\n${'x'.repeat(60_000)}\n${'x'.repeat(60_000)}\nE`), [
    '2: the command is 180003 bytes long: the kernel allows 131071',
  ]);
  const script = `RUN <<E\n#!/bin/sh\n${`${'x'.repeat(60_000)}\n`.repeat(3)}E`;
  assert.equal(told(script), []);
  assert.equal(told('RUN true', { WorkingDir: `/${'a/'.repeat(5000)}` }), [
    '2: the working directory is 10000 bytes long: the kernel allows 4095',
  ]);
  assert.equal(told(`WORKDIR /${'é'.repeat(128)}`), [
    `2: \`${'é'.repeat(60)}…\` in the working directory is 256 bytes long: the kernel allows 255`,
  ]);
  assert.equal(told(`COPY a /${'a'.repeat(255)}`), []);
  assert.equal(told(`COPY a /${'a'.repeat(256)}`).length, 1);
});

test.run();
