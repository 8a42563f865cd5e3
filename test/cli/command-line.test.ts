import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { recordedTerminal } from '../support/recorded-terminal.ts';

const test = suite('command line');

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = recordedTerminal();
  const code = await runCommandLine(args, terminal);
  return { code, ...terminal.written };
}

const refuses = (title: string, args: string[], err: string) =>
  test(title, async () => assert.equal(await run(...args), { code: 2, out: '', err }));

test('prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  for (const args of [['--version'], ['-v'], ['version']]) {
    assert.equal(await run(...args), { code: 0, out: `mkimage ${version}\n`, err: '' });
  }
});

test('lists all commands in its help', async () => {
  const { code, out } = await run('--help');
  assert.is(code, 0);
  for (const verb of [
    'build',
    'images',
    'tag',
    'rmi',
    'inspect',
    'history',
    'pull',
    'push',
    'load',
    'save',
    'du',
    'prune',
    'fmt',
  ]) {
    assert.match(out, new RegExp(`^  mkimage ${verb} `, 'm'));
  }
  assert.equal(await run('help'), { code: 0, out, err: '' });
});

test('takes flags of every command before it, as Docker does', async () => {
  for (const before of [
    ['-l', 'debug'],
    ['-ldebug'],
    ['-l=debug'],
    ['--log-level', 'debug'],
    ['--log-level=debug', '-D'],
  ]) {
    const { code, err } = await run(...before, 'fmt', '--', '/nowhere/Dockerfile');
    assert.is(code, (await run('fmt', '/nowhere/Dockerfile')).code);
    assert.match(err, /debug engine command started command=fmt/);
    assert.match(err, /error: .*nowhere/);
  }
  assert.equal(await run('-l', 'debug', '--log-level', 'error', 'fmt', '--log-level', 'info', '--', '/nowhere'), {
    ...(await run('fmt', '/nowhere')),
  });
});

refuses(
  'refuses a level that there is not',
  ['-l', 'verbose', 'images'],
  'error: invalid value for `--log-level`: `verbose`\nhint: one of `debug`, `info`, `warn`, `error`, `fatal`\n',
);

test('shows its help on stderr and fails without arguments', async () => {
  const { code, out, err } = await run();
  assert.equal([code, out], [2, '']);
  assert.match(err, 'usage: mkimage <command>');
});

test('shows the help of a command within 100 columns', async () => {
  const { code, out } = await run('build', '--help');
  assert.is(code, 0);
  assert.match(out, '-t, --tag');
  assert.not.match(out, '--cpu-shares');
  assert.ok(out.split('\n').every((line) => line.length <= 100));
  assert.equal(await run('help', 'build'), { code: 0, out, err: '' });
  assert.equal(await run('buildx', 'build', '-h'), { code: 0, out, err: '' });
});

refuses(
  'suggests the command that was meant',
  ['biuld', '.'],
  'error: unknown command `biuld`\nhint: did you mean `build`?\n',
);
refuses(
  'says where the commands are listed',
  ['deploy'],
  'error: unknown command `deploy`\nhint: run `mkimage --help` to list the commands\n',
);
refuses(
  'suggests within a group',
  ['image', 'lst'],
  'error: unknown command `image lst`\nhint: did you mean `list`?\n',
);
refuses(
  'refuses names of object members',
  ['constructor'],
  'error: unknown command `constructor`\nhint: run `mkimage --help` to list the commands\n',
);
refuses(
  'suggests the flag that was meant',
  ['build', '--taget', 'x', '.'],
  'error: unknown flag `--taget`\nhint: did you mean `--target`?\n',
);
refuses(
  'says that flags follow the command',
  ['--tag', 'x', 'build', '.'],
  'error: unknown flag `--tag`\nhint: flags come after the command, e.g. `mkimage build --help`\n',
);
refuses(
  'asks for the context',
  ['build', '-t', 'x'],
  'error: missing argument for `build`\nhint: usage: mkimage build [flags] <directory, URL or ->\n',
);
refuses(
  'refuses a second context',
  ['build', '.', '..'],
  'error: too many arguments for `build`\nhint: usage: mkimage build [flags] <directory, URL or ->\n',
);

test('shows where a failure arose only with --debug', async () => {
  assert.not.match((await run('biuld')).err, 'command-line.ts');
  assert.match((await run('--debug', 'biuld')).err, 'command-line.ts');
});

test.run();
