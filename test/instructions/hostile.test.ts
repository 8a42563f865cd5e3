import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile } from '../../src/instructions/index.ts';

/** Texts made to exhaust time or stack: each is read in time that grows with its length. */
const test = suite('hostile build files');

function reads(title: string, text: string, codes: readonly string[]): void {
  test(title, () => {
    const { diagnostics } = parseBuildFile(`FROM scratch\n${text}`);
    assert.equal([...new Set(diagnostics.map(({ code }) => code))], codes);
  });
}

reads('a line continued thousands of times', `EXPOSE ${'1 \\\n'.repeat(30_000)}`, []);
reads('words cut by continuations', `ENV A=${'x\\\n'.repeat(30_000)}y B=z`, []);
reads('comments in a continuation', `RUN a \\\n${'# comment\n'.repeat(30_000)}b`, []);
reads('nested triggers', 'ONBUILD '.repeat(8_000), ['forbidden-trigger']);
reads('nested substitutions', `ENV A=${'${a:-'.repeat(10_000)}`, ['bad-substitution']);
reads('nested arrays', `CMD ${'['.repeat(60_000)}`, []);
reads('many heredocs without an end', `RUN ${'<<a '.repeat(15_000)}`, ['unterminated-heredoc']);
reads('many flags', `RUN ${'--mount=type=tmpfs,target=/x '.repeat(2_000)}x`, []);
reads('many quotes', `ENV A=${'"\'"'.repeat(20_000)}`, []);

reads('an argument of megabytes', `CMD ["${'a\\'.repeat(3_000_000)}a"]`, ['line-too-long']);
reads('a long continued argument', `CMD ["${'aaaaaaaa\\\n'.repeat(400_000)}"]`, []);

test('a line longer than BuildKit reads is refused, one as long is not', () => {
  const codes = (length: number) =>
    parseBuildFile(`FROM scratch\nRUN ${'é'.repeat(length)}\n`).diagnostics.map(({ code }) => code);
  assert.equal(codes(32_765), []);
  assert.equal(codes(32_766), ['line-too-long']);
});

test('a joined line may be longer', () => {
  const { diagnostics } = parseBuildFile(`FROM scratch\nRUN ${`${'x'.repeat(60_000)} \\\n`.repeat(4)}`);
  assert.equal(diagnostics, []);
});

const bytesOf = (...parts: readonly (string | number)[]) =>
  new Uint8Array(parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : [part])));

const told = (bytes: Uint8Array) =>
  parseBuildFile(bytes).diagnostics.map(({ severity, message, range }) => [
    severity,
    message,
    range.start.line,
    range.start.column,
  ]);

test('a file that is not UTF-8 is refused, with the first byte and its line', () => {
  const file = bytesOf('FROM scratch\nENV A=ä', 0xe9, '\nENV B=', 0xe8, '\n');
  assert.equal(told(file), [['error', 'file is not UTF-8: byte 0xE9 in line 2', 2, 8]]);
  assert.is(parseBuildFile(file).instructions.length, 3);
});

test('the replacement character may be written', () => {
  assert.equal(told(bytesOf('FROM scratch\nENV A=\ufffd\n')), []);
  assert.equal(told(bytesOf('FROM scratch\nENV A=\ufffd', 0xff, '\n')), [
    ['error', 'file is not UTF-8: byte 0xFF in line 2', 2, 8],
  ]);
});

test('a byte order mark does not move the place', () => {
  assert.equal(told(bytesOf('\ufeffFROM scratch\nENV A=1\nENV A=', 0xe9)), [
    ['error', 'file is not UTF-8: byte 0xE9 in line 3', 3, 7],
  ]);
  assert.equal(told(bytesOf('\ufeffFROM ', 0xe9)).at(-1), ['error', 'file is not UTF-8: byte 0xE9 in line 1', 1, 6]);
});

test('bytes of a comment go nowhere, those of a heredoc do', () => {
  assert.equal(told(bytesOf('# Andr', 0xe9, '\nFROM scratch\n# ', 0xe8, '\n')), []);
  const heredoc = bytesOf('FROM scratch\nCOPY <<E /a\n# ', 0xe8, '\nE\n');
  assert.equal(told(heredoc), [['error', 'file is not UTF-8: byte 0xE8 in line 3', 3, 3]]);
});

test('UTF-16 and UTF-32 are named, with a mark or without, and nothing else is said', () => {
  const wide = (text: string, mark: boolean) => Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le');
  for (const mark of [true, false]) {
    const little = wide('FROM scratch\n', mark);
    assert.equal(told(little), [['error', 'file is UTF-16 (little-endian), not UTF-8', 1, 1]]);
    const big = Buffer.from(little).swap16();
    assert.equal(told(big), [['error', 'file is UTF-16 (big-endian), not UTF-8', 1, 1]]);
  }
  const utf32 = new Uint8Array([0xff, 0xfe, 0, 0, 0x46, 0, 0, 0]);
  assert.equal(told(utf32), [['error', 'file is UTF-32 (little-endian), not UTF-8', 1, 1]]);
});

test('carriage returns end lines, but belong to the bodies of heredocs as in BuildKit', () => {
  const { instructions, diagnostics } = parseBuildFile(
    'FROM scratch\r\nENV A=b \\\r\n  C=d\r\nRUN <<E\r\nfirst\r\nE\r\nCMD ["a"]\r\n',
  );
  assert.equal(diagnostics, []);
  const [, env, run, cmd] = instructions;
  assert.equal(env?.kind === 'env' && env.pairs.map(({ value }) => value.raw), ['b', 'd']);
  assert.equal(run?.kind === 'run' && run.heredocs.map(({ name, content }) => [name, content]), [['E', 'first\r\n']]);
  assert.equal(cmd?.kind === 'cmd' && cmd.command.args, ['a']);
});

test.run();
