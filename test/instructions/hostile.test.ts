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

test('bytes that are not UTF-8 are told once', () => {
  const bytes = new Uint8Array([...new TextEncoder().encode('FROM scratch\nENV A='), 0xe9, 0x0a]);
  const { diagnostics, instructions } = parseBuildFile(bytes);
  assert.equal(
    diagnostics.map(({ severity, code, range }) => [severity, code, range.start.line, range.start.column]),
    [['warning', 'invalid-utf8', 2, 7]],
  );
  assert.is(instructions.length, 2);
});

test.run();
