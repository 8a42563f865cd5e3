import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Fix, parseBuildFile } from '../../src/instructions/index.ts';
import { applyFixes } from '../../src/lint/apply-fixes.ts';
import { codesOf, explainFault, findBuildkitChecks, toFaultCode } from '../../src/lint/hadolint/codes.ts';
import { getDefaultLevel, reachesLevel } from '../../src/lint/hadolint/levels.ts';
import { createLintFile, isUnixShell } from '../../src/lint/lint-file.ts';
import { Memory } from '../../src/lint/rules/memory.ts';
import { findFlagValue, findSubcommand, hasFlag, hasLetter, operandsOf } from '../../src/lint/shell/arguments.ts';
import { parseShellCommands } from '../../src/lint/shell/commands.ts';

const test = suite('parts of the checks');

const fix = (...edits: readonly (readonly [start: number, end: number, text: string])[]): Fix => ({
  title: 'change',
  edits: edits.map(([start, end, text]) => ({
    range: {
      start: { line: 1, column: start + 1, offset: start },
      end: { line: 1, column: end + 1, offset: end },
    },
    text,
  })),
});

test('fixes are applied by position and not by order', () => {
  assert.equal(applyFixes('abcdef', [fix([4, 5, 'E']), fix([0, 1, 'A'])]), { text: 'AbcdEf', applied: 2 });
});

test('a fix that touches an earlier one is skipped as a whole', () => {
  const { text, applied } = applyFixes('abcdef', [fix([0, 2, 'X']), fix([2, 3, 'Y'], [5, 6, 'Z'])]);
  assert.equal([text, applied], ['Xcdef', 1]);
});

test('an insertion changes no other character', () => {
  assert.is(applyFixes('ac', [fix([1, 1, 'b'])]).text, 'abc');
});

test('a byte order mark stays in front of the text', () => {
  assert.is(applyFixes('\ufeffab', [fix([0, 1, 'A'])]).text, '\ufeffAb');
});

test('no fixes leave the text as it is', () => {
  assert.equal(applyFixes('a', []), { text: 'a', applied: 0 });
});

const argsOf = (command: string) => parseShellCommands(command)[0]!.args;
const textsOf = (words: readonly { readonly text: string }[]) => words.map(({ text }) => text);

test('operands are neither flags nor their values', () => {
  const args = argsOf('apt-get -y -t stable install curl -- -x');
  assert.equal(textsOf(operandsOf(args, new Set(['-t']))), ['install', 'curl', '-x']);
  assert.equal(textsOf(operandsOf(args, new Set())), ['stable', 'install', 'curl', '-x']);
  assert.equal(textsOf(operandsOf(argsOf('cat - a'), new Set())), ['-', 'a']);
});

test('the first operand is the subcommand', () => {
  assert.is(findSubcommand(argsOf('yum -y clean all')), 'clean');
  assert.is(findSubcommand(argsOf('yum --version')), '');
});

test('flags are found alone, combined, and with a value', () => {
  const has = (command: string, ...names: readonly string[]) => hasFlag({ args: argsOf(command) }, ...names);
  assert.ok(has('x -y', '-y') && has('x -qy', '-y') && has('x --yes=1', '--yes') && has('x --yes', '-y', '--yes'));
  assert.not(has('x --y', '-y'));
  assert.not(has('x -- -y', '-y'));
});

test('a letter behind a flag with a value belongs to the value', () => {
  assert.ok(hasLetter('-fsSLk', 'k', 'o'));
  assert.not(hasLetter('-ok', 'k', 'o'));
  assert.not(hasLetter('--k', 'k', 'o'));
});

test('the value of a flag may be written in four ways', () => {
  const value = (command: string) => findFlagValue({ args: argsOf(command) }, '-u', '--uid')?.text;
  assert.equal(['x -u 1', 'x -u1', 'x --uid 1', 'x --uid=1', 'x 1'].map(value), ['1', '1', '1', '1', undefined]);
});

const commandsOf = (script: string) =>
  parseShellCommands(script).map(({ name, wrappers, end }) => `${[...wrappers, name].join('>')}${end.trim()}`);

test('commands have their operators', () => {
  assert.equal(commandsOf('a && b || c | d; e & f'), ['a&&', 'b||', 'c|', 'd;', 'e&', 'f']);
});

test('programs that run another program are wrappers', () => {
  assert.equal(commandsOf('sudo -u me env A=1 /usr/bin/pip install x'), ['sudo>env>pip']);
});

test('a program whose name is a variable is unknown', () => {
  assert.equal(commandsOf('$CMD x'), ['']);
});

test('bodies of heredocs are no commands', () => {
  assert.equal(commandsOf('cat <<EOF && b\nrm -rf /\nEOF\nc'), ['cat&&', 'b', 'c']);
  assert.equal(commandsOf('cat <<-"E"\n\ta\n\tE\nb'), ['cat', 'b']);
});

test('the name of an installed check or fault is found by hadolint code', () => {
  assert.equal(findBuildkitChecks('DL3025'), ['JSONArgsRecommended']);
  assert.equal(findBuildkitChecks('DL9999'), []);
  assert.equal(codesOf({ name: 'DuplicateStageName', description: '', url: '' }), ['DL3024']);
  assert.equal(codesOf({ name: 'Own', description: '', url: '', code: 'DL1' }), ['DL1']);
});

test('an error of the file is explained by either name', () => {
  assert.match(explainFault('dl3061') ?? '', /Only `ARG` and comments/);
  assert.is(explainFault('missing-from'), explainFault('DL3061'));
  assert.is(explainFault('unknown'), undefined);
  assert.is(toFaultCode({ code: 'invalid-port' }), 'DL3011');
  assert.is(toFaultCode({ code: 'own' }), 'own');
});

test('a level reaches a threshold that is not more severe', () => {
  assert.ok(reachesLevel('error', 'warning') && reachesLevel('style', 'none') && reachesLevel('info', 'info'));
  assert.not(reachesLevel('style', 'info'));
  assert.equal(['DL3004', 'DL3059', 'DL3048', 'DL3008', ''].map(getDefaultLevel), [
    'error',
    'info',
    'style',
    'warning',
    'warning',
  ]);
});

const lint = (text: string) => createLintFile(parseBuildFile(text), text);

test('the shell of a RUN comes from SHELL, from the base stage, or from a comment', () => {
  const { stages } = lint(
    'FROM a AS one\nSHELL ["/bin/bash", "-c"]\nRUN x\nFROM one\nRUN y\n# hadolint shell=pwsh\nFROM b\nRUN z\n',
  );
  assert.equal(
    stages.flatMap(({ runs }) => runs.map(({ shell }) => shell[0])),
    ['/bin/bash', '/bin/bash', 'pwsh'],
  );
});

test('a RUN for another shell has no commands', () => {
  const { stages } = lint('FROM a\nSHELL ["powershell", "-c"]\nRUN apt-get install x\n');
  assert.equal(stages[0]!.runs[0]!.scripts, []);
  assert.equal(['/bin/sh', 'bash', 'pwsh', 'cmd'].map(isUnixShell), [true, true, false, false]);
});

test('only the last stage and its bases are kept', () => {
  const { stages } = lint('FROM a AS one\nFROM b AS two\nFROM one\n');
  assert.equal(
    stages.map(({ isKept }) => isKept),
    [true, false, true],
  );
});

test('a RUN inside of ONBUILD is checked too', () => {
  const { stages } = lint('FROM a\nONBUILD RUN one && two\n');
  assert.equal(
    stages[0]!.runs.flatMap(({ scripts }) => scripts.flatMap(({ commands }) => commands.map(({ name }) => name))),
    ['one', 'two'],
  );
});

test('an answer is computed once for each key and name', () => {
  const memory = new Memory<object, number>();
  const [one, other] = [{}, {}];
  let count = 0;
  const find = () => ++count;
  assert.equal(
    [memory.recall(one, 'a', find), memory.recall(one, 'a', find), memory.recall(one, 'b', find)],
    [1, 1, 2],
  );
  assert.is(memory.recall(other, 'a', find), 3);
});

test('an answer that is undefined is remembered too', () => {
  const memory = new Memory<object, undefined>();
  const key = {};
  let count = 0;
  for (let round = 0; round < 2; round += 1) {
    memory.recall(key, '', () => {
      count += 1;
    });
  }
  assert.is(count, 1);
});

test.run();
