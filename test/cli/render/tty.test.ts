import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openRenderer, type Renderer } from '../../../src/cli/render/index.ts';
import { createTtyRenderer } from '../../../src/cli/render/tty.ts';
import { recordedTerminal, SHORT_BUILD } from '../../support/recorded-terminal.ts';
import { Screen, ScreenStream } from '../../support/screen.ts';

const test = suite('live progress');

/** The lines, once the frame has been painted. A busy machine may take its time for that. */
async function painted(screen: Screen): Promise<string[]> {
  for (let tries = 0; tries < 200; tries += 1) {
    const lines = await screen.lines();
    if (lines.some((line) => line.includes('building'))) return lines;
    await sleep(25);
  }
  throw new Error('nothing was painted');
}

function liveView(columns: number, rows: number) {
  const screen = new Screen(columns, rows);
  const stream = new ScreenStream(screen, columns, rows);
  const terminal = recordedTerminal({ NO_COLOR: '1' });
  const renderer = createTtyRenderer({ ...terminal, stderr: stream });
  return { screen, stream, renderer, advance: terminal.advance };
}

function start(renderer: Renderer, count: number, from = 0): void {
  for (let index = from; index < from + count; index += 1) {
    renderer.report({ type: 'step-started', step: `s/${index}`, name: `[s ${index}] RUN step ${index}` });
  }
}

function end(renderer: Renderer, count: number, from = 0): void {
  for (let index = from; index < from + count; index += 1) {
    renderer.report({ type: 'step-finished', step: `s/${index}` });
  }
}

const withoutSpinner = (line: string) => line.replace(/^[⠁-⣿] /, '* ');

test('shows lines of the debug log above the frame, and all of them at the end', async () => {
  const { screen, renderer } = liveView(60, 12);
  renderer.showLine?.('10:00 debug cache hit');
  start(renderer, 1);
  const lines = await painted(screen);
  assert.is(lines[0], '10:00 debug cache hit');
  renderer.showLine?.('10:01 debug cache miss');
  renderer.finish();
  assert.equal((await screen.lines()).slice(0, 2), ['10:00 debug cache hit', '10:01 debug cache miss']);
});

test('shows running steps with their last lines of output, and leaves the ended ones', async () => {
  const { screen, renderer, advance } = liveView(60, 12);
  for (const [after, event] of SHORT_BUILD.slice(0, -1)) {
    advance(after);
    renderer.report(event);
  }
  assert.equal((await painted(screen)).map(withoutSpinner), [
    ' => [build 1/3] FROM docker.io/library/debian:12       0.6s',
    ' => CACHED [build 2/3] WORKDIR /src                    0.0s',
    '* building 0.9s, 2 done, 1 running',
    ' => [build 3/3] RUN make                               0.3s',
    '     compiling a.c',
    '     warning: old',
    '     compiling b.c',
  ]);
  renderer.report(SHORT_BUILD.at(-1)![1]);
  renderer.finish();
  assert.equal(await screen.lines(), [
    ' => [build 1/3] FROM docker.io/library/debian:12       0.6s',
    ' => CACHED [build 2/3] WORKDIR /src                    0.0s',
    ' => ERROR [build 3/3] RUN make                         0.3s',
    '     not cached: COPY package.json changed (1 of 3 files: …',
    '     exit code: 2',
  ]);
});

test('shows transfers with a bar while there is room for one', async () => {
  const { screen, renderer } = liveView(80, 12);
  start(renderer, 1);
  renderer.report({
    type: 'step-progress',
    step: 's/0',
    item: `sha256:${'b'.repeat(64)}`,
    current: 5e6,
    total: 2e7,
    unit: 'bytes',
    done: false,
  });
  const lines = await painted(screen);
  renderer.finish();
  assert.is(lines.at(-1), '     sha256:bbbbbbbbbbbb            [#####...............] 5MB / 20MB');
});

test('leaves no trash of 20 running steps in a window of 12 rows', async () => {
  const { screen, renderer } = liveView(60, 12);
  start(renderer, 20);
  for (let index = 0; index < 20; index += 1) {
    renderer.report({ type: 'step-output', step: `s/${index}`, stream: 'stdout', text: 'a line\nand one more\n' });
  }
  const live = await painted(screen);
  assert.is(live.length, 10);
  assert.is(live.at(-1), '   and 12 more');
  end(renderer, 20);
  renderer.finish();
  const lines = await screen.lines();
  assert.is(lines.length, 20);
  assert.ok(lines.every((line, index) => line.startsWith(` => [s ${index}] RUN step ${index}`)));
});

test('leaves one line for each of 200 steps', async () => {
  const { screen, renderer } = liveView(60, 12);
  for (let batch = 0; batch < 200; batch += 50) {
    start(renderer, 50, batch);
    await painted(screen);
    end(renderer, 50, batch);
  }
  renderer.finish();
  const lines = await screen.lines();
  assert.is(lines.length, 200);
  assert.ok(lines.every((line, index) => line.startsWith(` => [s ${index}] RUN`)));
});

test('keeps every line within 20 columns', async () => {
  const { screen, renderer } = liveView(20, 8);
  start(renderer, 2);
  renderer.report({ type: 'step-output', step: 's/0', stream: 'stdout', text: 'a line of output that is long\n' });
  renderer.report({
    type: 'step-progress',
    step: 's/1',
    item: 'a-rather-long-name',
    current: 1e6,
    total: 2e6,
    unit: 'bytes',
    done: false,
  });
  const live = await painted(screen);
  assert.equal(live.length, 5);
  assert.ok(
    live.every((line) => line.length < 20),
    live.join('\n'),
  );
  end(renderer, 2);
  renderer.finish();
  assert.equal(await screen.lines(), [' => [s 0] RUN… 0.0s', ' => [s 1] RUN… 0.0s']);
});

test('is drawn cleanly again when the window becomes narrower, and wider', async () => {
  const { screen, stream, renderer } = liveView(80, 12);
  start(renderer, 3);
  renderer.report({ type: 'step-output', step: 's/1', stream: 'stdout', text: `${'word '.repeat(14)}\n` });
  await painted(screen);
  for (const columns of [30, 100, 45]) {
    stream.resize(columns, 12);
    const lines = await screen.lines();
    assert.is(lines.length, 5, lines.join('\n'));
    assert.match(lines[0]!, /building/);
  }
  end(renderer, 3);
  renderer.finish();
  assert.is((await screen.lines()).length, 3);
});

test('paints no frame while the window is too small for one, and again when it has grown', async () => {
  const { screen, stream, renderer } = liveView(80, 12);
  start(renderer, 2);
  await painted(screen);
  for (const [columns, rows] of [
    [0, 0],
    [0, 12],
    [80, 0],
    [1, 1],
    [19, 12],
    [80, 4],
  ] as const) {
    stream.resize(columns, rows);
    const before = stream.bytesWritten;
    await sleep(250);
    assert.is(stream.bytesWritten, before, `${columns} columns, ${rows} rows`);
  }
  stream.resize(80, 12);
  await painted(screen);
  end(renderer, 2);
  renderer.finish();
});

test('is plain lines on a terminal that has no size, or a very small one', async () => {
  for (const [columns, rows] of [
    [0, 0],
    [undefined, undefined],
    [19, 24],
    [80, 0],
  ] as const) {
    for (const mode of ['auto', 'tty'] as const) {
      const terminal = recordedTerminal({ TERM: 'xterm' });
      const stderr = { ...terminal.stderr, isTTY: true, columns, rows };
      const renderer = await openRenderer(mode, { ...terminal, stderr });
      start(renderer, 1);
      renderer.finish();
      assert.is(terminal.written.err, '#1 [s 0] RUN step 0\n');
    }
  }
});

test('writes a build that is over at once without ever painting', async () => {
  const { screen, renderer } = liveView(60, 12);
  renderer.report({ type: 'step-cached', step: 's/0', name: '[1/1] COPY . .' });
  renderer.finish();
  renderer.finish();
  await sleep(150);
  assert.equal(await screen.lines(), [' => CACHED [1/1] COPY . .                              0.0s']);
});

test.run();
