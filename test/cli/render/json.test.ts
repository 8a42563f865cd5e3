import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createJsonRenderer } from '../../../src/cli/render/json.ts';
import { toWarningStatus } from '../../../src/cli/render/warning-status.ts';
import { digestOf } from '../../../src/oci/index.ts';
import { recordedTerminal, SHORT_BUILD } from '../../support/recorded-terminal.ts';

const test = suite('rawjson progress');

// biome-ignore lint/suspicious/noExplicitAny: JSON that the assertions look into
function statuses(): Record<string, any>[] {
  const terminal = recordedTerminal();
  const renderer = createJsonRenderer(terminal);
  for (const [after, event] of SHORT_BUILD) {
    terminal.advance(after);
    renderer.report(event);
  }
  assert.is(terminal.written.out, '');
  return terminal.written.err
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('writes a vertex when a step starts and again when it ends', () => {
  const vertexes = statuses().flatMap((status) => status.vertexes ?? []);
  const digest = digestOf('base/0');
  const name = '[build 1/3] FROM docker.io/library/debian:12';
  const started = '2024-05-01T12:00:00.000Z';
  assert.equal(vertexes[0], { digest, name, started });
  assert.equal(vertexes[1], { digest, name, started, completed: '2024-05-01T12:00:00.600Z' });
  assert.is(vertexes[2].cached, true);
  assert.is(vertexes.at(-1).error, 'exit code: 2');
});

test('writes output as it came, in base64, with its stream', () => {
  const logs = statuses().flatMap((status) => status.logs ?? []);
  const stderr = logs.filter((log) => log.stream === 2).map((log) => Buffer.from(log.data, 'base64').toString());
  assert.equal(stderr, [
    'not cached: COPY package.json changed (1 of 3 files: package.json)\n',
    '\x1b[31mwarning:\x1b[0m old\x07\n',
  ]);
});

test('writes transfers with their size and times', () => {
  const [first, last] = statuses().flatMap((status) => status.statuses ?? []);
  assert.is(first.completed, undefined);
  assert.equal(last, {
    id: `sha256:${'a'.repeat(64)}`,
    vertex: digestOf('base/0'),
    total: 28_200_000,
    current: 28_200_000,
    timestamp: '2024-05-01T12:00:00.510Z',
    started: '2024-05-01T12:00:00.010Z',
    completed: '2024-05-01T12:00:00.510Z',
  });
});

test('writes no line above 64 KiB, whatever is reported, and loses no output', () => {
  const terminal = recordedTerminal();
  const renderer = createJsonRenderer(terminal);
  const long = '\u0001é'.repeat(100_000);
  const step = 'a';
  renderer.report({ type: 'step-started', step, name: long });
  renderer.report({ type: 'step-missed', step, reason: long });
  renderer.report({ type: 'step-progress', step, item: long, current: 1, unit: 'files', done: true });
  renderer.report({ type: 'warning', step, message: long, hint: long });
  renderer.report({ type: 'step-output', step, stream: 'stdout', text: long });
  renderer.report({ type: 'step-failed', step, error: long });
  const lines = terminal.written.err.trimEnd().split('\n');
  assert.ok(Math.max(...lines.map((line) => Buffer.byteLength(line))) < 65_536);
  const logs = lines.flatMap((line) => JSON.parse(line).logs ?? []).filter(({ stream }) => stream === 1);
  assert.is(Buffer.concat(logs.map(({ data }) => Buffer.from(data, 'base64'))).toString(), long);
});

test('writes a warning about the build file with its source and lines', () => {
  const position = (line: number) => ({ line, column: 1, offset: 0 });
  const range = { start: position(2), end: position(3) };
  const status = toWarningStatus(
    { severity: 'warning', code: 'UndefinedVar', message: 'usage of undefined variable `$X`', range },
    { name: 'Dockerfile', text: 'FROM a\nRUN $X' },
  );
  assert.equal(status, {
    warnings: [
      {
        level: 1,
        short: Buffer.from('UndefinedVar: usage of undefined variable `$X` (line 2)').toString('base64'),
        sourceInfo: { filename: 'Dockerfile', data: 'RlJPTSBhClJVTiAkWA==', language: 'Dockerfile' },
        range: [{ start: { line: 2 }, end: { line: 3 } }],
      },
    ],
  });
});

test('writes no line above 64 KiB for a warning either, however long the build file is', () => {
  const range = { start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 1, offset: 0 } };
  const long = 'é'.repeat(100_000);
  for (const length of [17_000, 100_000]) {
    const file = { name: 'Dockerfile', text: long.slice(0, length) };
    const status = toWarningStatus({ severity: 'warning', code: 'X', message: long, hint: long, range }, file);
    assert.ok(JSON.stringify(status).length < 65_536);
    const { warnings } = status as { warnings: readonly { sourceInfo: { data: string } }[] };
    assert.is(warnings[0]?.sourceInfo.data === '', length > 18_000);
  }
});

test.run();
