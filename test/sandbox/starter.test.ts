import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { becomeProgram } from '../../src/sandbox/starter/exec-lines.ts';
import { starterProgram } from '../../src/sandbox/starter/machine.ts';
import { readReport } from '../../src/sandbox/starter/report.ts';
import { assembleTable, FAILURE, LAST_RESORT, type Line } from '../../src/sandbox/starter/table.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sandbox: starter');
const directory = tempDir('starter');
writeFileSync(join(directory, 'plain'), '', { mode: 0o644 });

const ENOENT = 2;
const LAST: readonly Line[] = [
  { label: LAST_RESORT },
  { name: 'write', args: [3, FAILURE, 16], doing: 'report' },
  { label: 'failed' },
  { name: 'exit_group', args: [125], doing: 'end' },
];
const say = (text: string): Line => ({ name: 'write', args: [1, text, text.length], doing: `say ${text}` });
const exit = (code: number): Line => ({ name: 'exit_group', args: [code], doing: 'end' });
const missing = (more: object = {}): Line => ({
  name: 'openat',
  args: [-100, '/no/such/file', 0],
  doing: 'open it',
  ...more,
});

/** Runs a table by itself, natively or in an emulator. */
function run(lines: readonly Line[], architecture: string, emulator: readonly string[] = []) {
  const table = assembleTable([...lines, ...LAST], architecture);
  const [program, tableFile] = [join(directory, `starter-${architecture}`), join(directory, 'table')];
  writeFileSync(program, starterProgram(architecture), { mode: 0o755 });
  writeFileSync(tableFile, table.bytes);
  const file = openSync(tableFile, 'r');
  const [command = '', ...args] = [...emulator, program];
  const done = spawnSync(command, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe', file] });
  closeSync(file);
  const outcome = readReport(
    done.output[3] === null ? Buffer.alloc(0) : Buffer.from(done.output[3] ?? ''),
    table.calls,
  );
  return { stdout: done.stdout.toString(), code: done.status, outcome };
}

const MACHINES = [
  { architecture: process.arch, emulator: [], needs: {} },
  { architecture: 'arm64', emulator: ['qemu-aarch64-static'], needs: { programs: ['qemu-aarch64-static'] } },
];

for (const { architecture, emulator, needs } of MACHINES) {
  const on = withNeeds(test, needs);
  const name = (text: string) => `${text} (${[...emulator, architecture].join(' ')})`;
  const go = (lines: readonly Line[]) => run(lines, architecture, emulator);

  on(name('calls are made in their order'), async () => {
    assert.equal(go([say('one '), say('two'), exit(7)]), { stdout: 'one two', code: 7, outcome: { kind: 'silent' } });
  });

  on(name('a call that fails is reported and nothing after it is made'), async () => {
    const { stdout, code, outcome } = go([say('before'), missing(), say('after'), exit(0)]);
    assert.equal({ stdout, code }, { stdout: 'before', code: 125 });
    assert.is(outcome.kind === 'failed' && outcome.call?.doing, 'open it');
    assert.is(outcome.kind === 'failed' && outcome.errno, ENOENT);
  });

  on(name('a tolerated error leads where it should'), async () => {
    const lines = [missing({ tolerate: [ENOENT] }), missing({ tolerate: [1, ENOENT], onTolerated: 'there' })];
    assert.is(go([...lines, say('skipped '), { label: 'there' }, say('there'), exit(0)]).stdout, 'there');
  });

  on(name('an error is only tolerated by its number'), async () => {
    assert.is(go([missing({ tolerate: [1, 3, 63] }), exit(0)]).code, 125);
  });

  on(name('results are compared and kept'), async () => {
    const word = [0];
    const wrote = (expect: number): Line => ({ ...say('abc'), expect, onExpected: 'equal', onOther: 'other' }) as Line;
    const ends: Line[] = [{ label: 'equal' }, say(' equal'), exit(0), { label: 'other' }, say(' other'), exit(0)];
    assert.is(go([wrote(3), ...ends]).stdout, 'abc equal');
    assert.is(go([wrote(4), ...ends]).stdout, 'abc other');
    const keeping: Line = { name: 'getpid', args: [], doing: 'ask', keep: { words: word, offset: 0 } };
    const { stdout } = go([keeping, { name: 'write', args: [1, { words: word }, 8], doing: 'say it' }, exit(0)]);
    assert.ok(Buffer.from(stdout, 'latin1').readUInt16LE() > 1);
  });

  on(name('a program that is nowhere is reported with every place tried'), async () => {
    const { outcome } = go(becomeProgram(['no-such-program'], ['PATH=/bin:/etc/passwd:/usr/bin']));
    assert.equal(outcome, { kind: 'no-program', errno: ENOENT });
    const refused = go(becomeProgram(['plain'], [`PATH=/nowhere:${directory}`]));
    assert.equal(refused.outcome, { kind: 'no-program', errno: 13 });
  });
}

test('a program is found in the path of its own environment and gets that environment', () => {
  const { stdout } = run(becomeProgram(['env'], ['PATH=/nowhere:/usr/bin', 'A=b c']), process.arch);
  assert.is(stdout, 'PATH=/nowhere:/usr/bin\nA=b c\n');
});

test('a call with a label that is nowhere is refused when the table is made', () => {
  assert.throws(() => assembleTable([{ ...say('x'), onOther: 'nowhere' } as Line, ...LAST], 'x64'), /no label/);
});

test.run();
