import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatAnswer } from '../../../src/cli/build-flags/inspect-build-file.ts';
import { createPaint } from '../../../src/cli/text/paint.ts';

const test = suite('inspect build file');

const file = { name: 'Dockerfile', text: 'FROM scratch\n' };
const location = { ranges: [] };
const paint = createPaint(false);

test('sets the targets in a table', async () => {
  const targets = [
    { name: 'base', base: 'debian:12', location },
    { name: 'app', base: 'base', description: 'the service', default: true as const, location },
  ];
  const text = await formatAnswer(
    { question: 'targets', file, unknownBases: [], json: { targets, sources: [] } },
    paint,
  );
  assert.is(
    text,
    'TARGET          BASE        DESCRIPTION\nbase            debian:12\napp (default)   base        the service\n',
  );
});

test('names a default target that has no name', async () => {
  const targets = [{ base: 'scratch', default: true as const, location }];
  const text = await formatAnswer(
    { question: 'targets', file, unknownBases: [], json: { targets, sources: [] } },
    paint,
  );
  assert.is(text, 'TARGET      BASE      DESCRIPTION\n(default)   scratch\n');
});

test('sets the outline in tables', async () => {
  const json = {
    name: 'app',
    description: 'the service',
    args: [{ name: 'VERSION', value: '1', description: 'what to build', location }],
    secrets: [{ name: 'token', required: true as const, location }],
    ssh: [{ name: 'default', location }],
    sources: [],
  };
  const text = await formatAnswer({ question: 'outline', file, unknownBases: [], json }, paint);
  assert.is(
    text,
    `TARGET:   app

DESCRIPTION:   the service

BUILD ARG   VALUE   DESCRIPTION
VERSION     1       what to build

SECRET   REQUIRED
token    true

SSH       REQUIRED
default
`,
  );
});

test('says when there is nothing to be set', async () => {
  const text = await formatAnswer({ question: 'outline', file, unknownBases: [], json: { sources: [] } }, paint);
  assert.is(text, 'no build arguments, secrets or SSH agents\n');
});

test('says when a check finds nothing', async () => {
  const json = { warnings: [], sources: [] };
  const result = { findings: [], errors: [] };
  const text = await formatAnswer({ question: 'check', file, unknownBases: [], json, result, diagnostics: [] }, paint);
  assert.is(text, 'check complete: no warnings found\n');
});

test.run();
