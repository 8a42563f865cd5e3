import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findFlagValue, hasFlag, operandsOf } from '../../src/lint/shell/arguments.ts';
import { parseShellCommands, type ShellCommand } from '../../src/lint/shell/commands.ts';
import { scanShell } from '../../src/lint/shell/scan.ts';

const test = suite('shell commands');
const here = dirname(fileURLToPath(import.meta.url));
const lines = readFileSync(join(here, 'shell.txt'), 'utf8').split('\n');

for (const line of lines.filter((text) => text !== '' && !text.startsWith('# '))) {
  const [script = '', expected] = line.split(' => ');
  test(`reads ${script}`, () => {
    assert.is(parseShellCommands(unescaped(script)).map(show).join(' '), expected);
  });
}

test('words know where they stand', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab "\'\\$(){}`;|&<>\n#-='), maxLength: 40 }), (script) => {
      let last = 0;
      for (const token of scanShell(script)) {
        if (token.kind !== 'word') continue;
        assert.is(script.slice(token.word.start, token.word.end), token.word.raw);
        assert.ok(token.word.start >= last && token.word.end > token.word.start);
        last = token.word.end;
      }
    }),
  );
});

test('flags are found in every form', () => {
  const [command] = parseShellCommands('useradd -rm -u1000 --shell=/bin/sh --gid 5 app -- -x');
  assert.ok(hasFlag(command!, '-m'));
  assert.ok(hasFlag(command!, '--shell'));
  assert.not(hasFlag(command!, '-x'));
  assert.is(findFlagValue(command!, '-u', '--uid')?.text, '1000');
  assert.is(findFlagValue(command!, '-g', '--gid')?.text, '5');
  assert.equal(
    operandsOf(command!.args, new Set(['--gid'])).map(({ text }) => text),
    ['app', '-x'],
  );
});

test.run();

function unescaped(script: string): string {
  return script.replaceAll('\\n', '\n').replaceAll('\\t', '\t');
}

function show({ name, args, assignments, end }: ShellCommand): string {
  const set = assignments.length > 0 ? `{${assignments.join(',')}}` : '';
  const shown = args.map(({ text, isPlain }) => `${isPlain ? '' : '~'}${text}`).join('|');
  return `${set}${name}(${shown})${end === '\n' ? '\\n' : end}`;
}
