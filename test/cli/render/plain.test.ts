import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createPlainRenderer } from '../../../src/cli/render/plain.ts';
import type { ProgressEvent } from '../../../src/progress.ts';
import { recordedTerminal, SHORT_BUILD } from '../../support/recorded-terminal.ts';

const test = suite('plain progress');

function shown(events: readonly (readonly [number, ProgressEvent])[]): string {
  const terminal = recordedTerminal();
  const renderer = createPlainRenderer(terminal);
  for (const [after, event] of events) {
    terminal.advance(after);
    renderer.report(event);
  }
  renderer.finish();
  assert.is(terminal.written.out, '');
  return terminal.written.err;
}

test('tells a build in lines that carry the number of their step', () => {
  assert.is(
    shown(SHORT_BUILD),
    `#1 [build 1/3] FROM docker.io/library/debian:12
#1 sha256:aaaaaaaaaaaa 1.05MB / 28.2MB
#1 sha256:aaaaaaaaaaaa 28.2MB / 28.2MB 54.3MB/s done
#1 DONE 0.6s

#2 [build 2/3] WORKDIR /src
#2 CACHED

#3 [build 3/3] RUN make
#3 not cached: COPY package.json changed (1 of 3 files: package.json)
#3 0.123 compiling a.c
#3 0.200 warning: old
#3 0.300 compiling b.c
#3 0.400 no line feed
#3 ERROR: exit code: 2
`,
  );
});

test('says why a step runs when the reason comes before the step', () => {
  const text = shown([
    [0, { type: 'step-missed', step: 'a/1', reason: 'never built' }],
    [0, { type: 'step-started', step: 'a/1', name: '[1/1] RUN x' }],
    [50, { type: 'step-finished', step: 'a/1' }],
  ]);
  assert.is(text, '#1 [1/1] RUN x\n#1 not cached: never built\n#1 DONE 0.1s\n');
});

test('keeps lines of steps that run at the same time apart by their number', () => {
  const text = shown([
    [0, { type: 'step-started', step: 'a', name: 'A' }],
    [0, { type: 'step-started', step: 'b', name: 'B' }],
    [1, { type: 'step-output', step: 'a', stream: 'stdout', text: 'one' }],
    [1, { type: 'step-output', step: 'b', stream: 'stdout', text: 'two\n' }],
    [1, { type: 'step-output', step: 'a', stream: 'stdout', text: ' more\n' }],
    [1, { type: 'step-finished', step: 'b' }],
    [1, { type: 'step-finished', step: 'a' }],
  ]);
  assert.is(text, '#1 A\n\n#2 B\n#2 0.002 two\n#1 0.003 one more\n#2 DONE 0.0s\n#1 DONE 0.0s\n');
});

test('mentions a long transfer now and then with its rate, and not at every block', () => {
  const block = (current: number) =>
    [100, { type: 'step-progress', step: 'a', item: 'layer', current, unit: 'bytes', done: false }] as const;
  const lines = shown([
    [0, { type: 'step-started', step: 'a', name: 'A' }],
    ...Array.from({ length: 50 }, (_, index) => block(index * 1000)),
  ]).split('\n');
  assert.equal(lines, ['#1 A', '#1 layer 0B', '#1 layer 20kB 10kB/s', '#1 layer 40kB 10kB/s', '']);
});

test('prints warnings and notes that belong to no step', () => {
  const text = shown([
    [0, { type: 'warning', message: 'the clock is wrong', hint: 'set it' }],
    [0, { type: 'note', message: 'using runc' }],
  ]);
  assert.is(text, 'WARNING: the clock is wrong (set it)\nusing runc\n');
});

test('cuts a very long line once, however it comes, and says so', () => {
  const output = (text: string) => [0, { type: 'step-output', step: 'a', stream: 'stdout', text }] as const;
  const text = shown([
    [0, { type: 'step-started', step: 'a', name: 'A' }],
    ...Array.from({ length: 10 }, () => output('x'.repeat(40_000))),
    output('y\nshort\n'),
    output(`${'z'.repeat(70_000)}\nshort\n`),
  ]);
  assert.equal(text.split('\n').slice(1), [
    `#1 0.000 ${'x'.repeat(65_536)} … (334465 more characters)`,
    '#1 0.000 short',
    `#1 0.000 ${'z'.repeat(65_536)} … (4464 more characters)`,
    '#1 0.000 short',
    '',
  ]);
});

test('shows a bounded part of the output of each step, and says so', () => {
  for (const [setting, lines] of [
    ['50', 5],
    ['-1', 200],
    ['nonsense', 200],
    ['', 200],
  ] as const) {
    const terminal = recordedTerminal({ BUILDKIT_STEP_LOG_MAX_SIZE: setting });
    const renderer = createPlainRenderer(terminal);
    renderer.report({ type: 'step-started', step: 'a', name: 'A' });
    for (let number = 0; number < 200; number += 1) {
      renderer.report({ type: 'step-output', step: 'a', stream: 'stdout', text: `${number % 10}\n` });
    }
    renderer.report({ type: 'step-finished', step: 'a' });
    const shown = terminal.written.err.split('\n').filter((line) => line.startsWith('#1 0.000 '));
    assert.is(shown.length, lines);
    assert.is(terminal.written.err.includes('#1 [output clipped, log limit 50B reached]\n#1 DONE'), setting === '50');
  }
});

test('tells when the reader has caught up', async () => {
  const flushed: (() => void)[] = [];
  const slow = {
    write: (_: string | Uint8Array, done?: () => void) => {
      flushed.push(done!);
      return false;
    },
  };
  const renderer = createPlainRenderer({ stderr: slow, now: () => 0 });
  assert.is(renderer.drain?.(), undefined);
  renderer.report({ type: 'note', message: 'one' });
  const waiting = renderer.drain?.();
  assert.ok(waiting);
  flushed[0]!();
  await waiting;
  assert.is(renderer.drain?.(), undefined);
});

test('writes nothing more to a reader that went away', () => {
  let writes = 0;
  const gone = {
    write: (_: string | Uint8Array, done?: (error?: Error) => void) => {
      writes += 1;
      done!(new Error('EPIPE'));
      return false;
    },
  };
  const renderer = createPlainRenderer({ stderr: gone, now: () => 0 });
  for (const message of ['one', 'two', 'three']) renderer.report({ type: 'note', message });
  assert.is(writes, 1);
});

test.run();
