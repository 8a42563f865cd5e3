import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Flags, readArguments, toFlagValues } from '../../src/cli/arguments.ts';
import { isMkimageError } from '../../src/errors.ts';

const test = suite('arguments');

const FLAGS = {
  file: { type: 'string', alias: 'f' },
  tag: { type: 'string', alias: 't', array: true },
  quiet: { type: 'boolean', alias: 'q' },
  'no-cache': { type: 'boolean' },
  progress: { type: 'string', choices: ['auto', 'tty', 'plain'] },
  hiddenthing: { type: 'boolean', hidden: true },
} as const satisfies Flags;

const reads = (title: string, args: string[], flags: string[], operands: string[]) =>
  test(title, () => assert.equal(readArguments(args, FLAGS), { flags, operands }));

const refuses = (title: string, args: string[], message: string, hint: string | undefined) =>
  test(title, () => {
    try {
      readArguments(args, FLAGS);
    } catch (error) {
      if (!isMkimageError(error, 'usage')) throw error;
      assert.equal([error.message, error.hint], [message, hint]);
      return;
    }
    assert.unreachable('nothing was thrown');
  });

reads('takes the next argument as a value', ['-f', 'a', '.'], ['--file=a'], ['.']);
reads('takes the next argument even if it looks like a flag', ['--file', '--tag', '.'], ['--file=--tag'], ['.']);
reads('takes a lone dash as a value and as an operand', ['-f', '-', '-'], ['--file=-'], ['-']);
reads('reads -t=x', ['-t=x'], ['--tag=x'], []);
reads('reads -tx', ['-tapp:1', '.'], ['--tag=app:1'], ['.']);
reads('reads switches before a flag with a value in one word', ['-qtapp'], ['--quiet=true', '--tag=app'], []);
reads('reads a switch with a value', ['--no-cache=false', '-q=0'], ['--no-cache=false', '--quiet=false'], []);
reads('does not take --no-cache for the negation of --cache', ['--no-cache'], ['--no-cache=true'], []);
reads('does not give a switch the next argument', ['--no-cache', 'false'], ['--no-cache=true'], ['false']);
reads('keeps every use of a repeatable flag in order', ['-t', 'b', '--tag=a'], ['--tag=b', '--tag=a'], []);
reads(
  'keeps the last use of any other flag',
  ['-f', 'a', '-f', 'b', '-q', '-q=false'],
  ['--file=b', '--quiet=false'],
  [],
);
reads('mixes flags and operands', ['a', '-q', 'b'], ['--quiet=true'], ['a', 'b']);
reads('reads no flags after --', ['-q', '--', '-t', '--'], ['--quiet=true'], ['-t', '--']);
reads('keeps empty values and values with equals signs', ['--file=', '-t=a=b'], ['--file=', '--tag=a=b'], []);

const sets = (title: string, args: string[], values: object) =>
  test(title, () => {
    const nothing = {
      file: undefined,
      tag: [],
      quiet: false,
      'no-cache': false,
      progress: undefined,
      hiddenthing: false,
    };
    assert.equal(toFlagValues(readArguments(args, FLAGS).flags, FLAGS), { ...nothing, ...values });
  });

sets('sets switches to false, repeatable flags to nothing, others to undefined', [], {});
sets('sets switches by their last value', ['-q', '--no-cache', '--no-cache=0'], { quiet: true });
sets('sets repeatable flags to all of their values', ['-t', 'b', '--tag=a'], { tag: ['b', 'a'] });
sets('takes values literally', ['-f', '"a"', "--tag='b'", '-t', '--x', '--tag='], {
  file: '"a"',
  tag: ["'b'", '--x', ''],
});

refuses(
  'names the flag that a mistyped one is nearest to',
  ['--tags', 'x'],
  'unknown flag `--tags`',
  'did you mean `--tag`?',
);
refuses(
  'does not suggest hidden flags',
  ['--hiddenthin'],
  'unknown flag `--hiddenthin`',
  'run the same command with `--help` to list its flags',
);
refuses(
  'refuses an unknown letter',
  ['-qx'],
  'unknown flag `-x`',
  'run the same command with `--help` to list its flags',
);
refuses(
  'refuses names of object members',
  ['--constructor'],
  'unknown flag `--constructor`',
  'run the same command with `--help` to list its flags',
);
refuses('refuses a flag without its value', ['-f'], 'missing value for `-f`', undefined);
refuses(
  'refuses a switch that is neither true nor false',
  ['--quiet=maybe'],
  'invalid value for `--quiet`: `maybe`',
  'one of `true`, `false`',
);
refuses(
  'refuses a value that is no choice',
  ['--progress', 'plian'],
  'invalid value for `--progress`: `plian`',
  'did you mean `plain`?',
);

test.run();
