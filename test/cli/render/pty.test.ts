import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Screen } from '../../support/screen.ts';

const test = suite('live progress in a pseudo terminal');

const LIVE_VIEW = fileURLToPath(new URL('../../support/live-view.ts', import.meta.url));

test('leaves 20 lines for 20 steps in 60 columns and 12 rows, and shows the cursor again', async () => {
  const screen = new Screen(60, 12);
  const child = spawn(process.execPath, ['--import', 'tsx', LIVE_VIEW], {
    cols: 60,
    rows: 12,
    env: { ...process.env, NO_COLOR: '1', TERM: 'xterm-256color' } as Record<string, string>,
  });
  let written = '';
  child.onData((text) => {
    written += text;
    screen.write(text);
  });
  const { exitCode } = await new Promise<{ exitCode: number }>((resolve) => child.onExit(resolve));
  const lines = await screen.lines();
  assert.is(exitCode, 0);
  assert.ok(written.includes('and 12 more'), 'the live frame was painted');
  assert.is(lines.length, 20, lines.join('\n'));
  assert.ok(lines.every((line, index) => line.startsWith(` => [s/${index}] RUN make`)));
  assert.ok(written.lastIndexOf('\x1b[?25h') > written.lastIndexOf('\x1b[?25l'));
});

test.run();
