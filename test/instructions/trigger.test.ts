import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile, parseTrigger } from '../../src/instructions/index.ts';

const test = suite('trigger');

test('what ONBUILD stores is read back as the same instruction', () => {
  const line = 'COPY --chown=1 <<-EOF \\\n  # note\n  a /x/\n\t$v\n\tEOF';
  const stored = parseBuildFile(`FROM scratch\nONBUILD ${line}\n`).instructions[1];
  assert.is(stored?.kind, 'onbuild');
  const text = stored?.kind === 'onbuild' ? stored.text : '';
  assert.is(text, 'COPY --chown=1 <<-EOF   a /x/\n\t$v\nEOF');
  const { instructions, diagnostics } = parseTrigger(text);
  assert.equal(diagnostics, []);
  const [copy] = instructions;
  assert.equal(copy?.kind === 'copy' ? copy.sources.map(({ kind }) => kind) : [], ['heredoc', 'path']);
});

function refuses(text: string, code: string): void {
  test(`refuses ${JSON.stringify(text)}`, () => {
    assert.equal(
      parseTrigger(text).diagnostics.map((diagnostic) => diagnostic.code),
      [code],
    );
  });
}

refuses('FROM scratch', 'forbidden-trigger');
refuses('RUN a\nRUN b', 'invalid-trigger');
refuses('', 'invalid-trigger');
refuses('RUNN a', 'unknown-instruction');

test.run();
