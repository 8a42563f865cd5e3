import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatLogLine } from '../../../src/cli/log/log-line.ts';
import { withDebugLog } from '../../../src/cli/log/with-debug-log.ts';
import { withProgress } from '../../../src/cli/render/index.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import { MkimageError } from '../../../src/errors.ts';
import { recordedTerminal } from '../../support/recorded-terminal.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('debug log of the command line');

const unexpected = () => assert.unreachable();
const TIME = '2024-05-01T12:00:00.000Z';

/** A verb that tells one fact by its call. */
const verb = (mode: 'plain' | 'quiet' | 'rawjson' = 'plain') => ({
  name: 'build',
  level: 'debug',
  run: (terminal: Terminal) =>
    withProgress(mode, terminal, async (call) => {
      call.log?.debug('cache', 'hit', { key: 'sha256:1', step: '[1/2] RUN make' });
      return 0 as const;
    }),
});

const HIT = `${TIME} debug cache hit key=sha256:1 step="[1/2] RUN make"\n`;

test('a line has time, level, area, message and facts', () => {
  const facts = { url: 'https://a.example/x?…', status: 200, step: 'RUN "a"', none: '' };
  const line = formatLogLine({ area: 'http', message: 'GET', facts }, Date.parse(TIME));
  assert.is(line, `${TIME} debug http GET url=https://a.example/x?… status=200 step="RUN \\"a\\"" none=""`);
});

test('lines go to standard error, with how the command started and ended', async () => {
  const terminal = recordedTerminal();
  assert.is(await withDebugLog(verb(), terminal), 0);
  const { out, err } = terminal.written;
  assert.is(out, '');
  assert.ok(err.includes(HIT), err);
  assert.match(err, new RegExp(`^${TIME} debug engine command started command=build version=\\S+ node=v`));
  assert.match(err, /debug engine command ended code=0 ms=0\n$/);
});

test('a quiet command is logged, too', async () => {
  const terminal = recordedTerminal();
  await withDebugLog(verb('quiet'), terminal);
  assert.ok(terminal.written.err.includes(HIT));
});

test('only areas that are asked for are written', async () => {
  const terminal = recordedTerminal({ MKIMAGE_LOG: 'cache' });
  await withDebugLog({ ...verb(), level: undefined }, terminal);
  assert.is(terminal.written.err, HIT);
});

test('not a byte is written where no log is asked for', async () => {
  for (const level of [undefined, 'info', 'fatal']) {
    const terminal = recordedTerminal();
    assert.is(await withDebugLog({ ...verb(), level }, terminal), 0);
    assert.equal(terminal.written, { out: '', err: '' });
  }
});

test('a failure is logged and thrown', async () => {
  const terminal = recordedTerminal();
  const run = async () => {
    throw new MkimageError('network', 'reach `https://user:pass@a.example/?key=1`');
  };
  await withDebugLog({ ...verb(), run }, terminal).then(unexpected, (error: MkimageError) =>
    assert.is(error.code, 'network'),
  );
  assert.match(terminal.written.err, 'command failed error=network why="reach `https://a.example/?…`" ms=0');
});

test('with a file, lines are added to it and standard error has none; others may not read it', async () => {
  const file = join(tempDir('log'), 'a.log');
  const terminal = recordedTerminal({ MKIMAGE_LOG_FILE: file });
  await withDebugLog(verb(), terminal);
  await withDebugLog(verb('rawjson'), terminal);
  assert.equal(terminal.written, { out: '', err: '' });
  assert.is(readFileSync(file, 'utf8').split(HIT).length, 3);
  assert.is(statSync(file).mode & 0o777, 0o600);
});

test('a file that cannot be written is an error that names it', async () => {
  const terminal = recordedTerminal({ MKIMAGE_LOG_FILE: '/nowhere/at/all.log' });
  await withDebugLog(verb(), terminal).then(unexpected, (error: Error) =>
    assert.match(error.message, 'write log `/nowhere/at/all.log`: ENOENT'),
  );
});

test('with progress as JSON on standard error the log needs a file', async () => {
  await withDebugLog(verb('rawjson'), recordedTerminal()).then(unexpected, (error: MkimageError) => {
    assert.is(error.code, 'usage');
    assert.is(error.hint, 'name a file for the log in MKIMAGE_LOG_FILE');
  });
});

test.run();
