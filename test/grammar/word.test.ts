import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scanWord, type WordPart } from '../../grammar/index.ts';

const test = suite('words');

const lines = readFileSync(new URL('../../fixtures/words.txt', import.meta.url), 'utf8').split('\n');
const cases = lines.map((line) => /^([\\`])(h?) \|(?: (.*?))? \| (.*)$/.exec(line)).filter((match) => match !== null);

test('the table of words is read', () => {
  const written = lines.filter((line) => line !== '' && !line.startsWith('#'));
  assert.is(cases.length, written.length);
});

for (const [, escapeCharacter, heredoc, word = '', expected] of cases) {
  test(`${escapeCharacter}${heredoc} reads ${word}`, () => {
    const scan = scanWord(word, { escape: escapeCharacter as '\\' | '`', literalQuotes: heredoc !== '' });
    assert.is(scan.problem === undefined ? print(scan.parts) : `! ${scan.problem.message}`, expected);
    if (scan.problem === undefined) return;
    assert.ok(scan.problem.from < scan.problem.to && scan.problem.to <= word.length, 'the fault lies in the word');
  });
}

test('nesting that would exhaust the stack is refused', () => {
  const { problem } = scanWord('${a:-'.repeat(20_000), { escape: '\\' });
  assert.match(problem?.message ?? '', /too deeply/);
});

test('a long text with variables is read in time that grows with its length', () => {
  const { parts } = scanWord('a line with $x and "quotes"\n'.repeat(20_000), { escape: '\\', literalQuotes: true });
  assert.is(parts.length, 40_001);
});

/** The notation of fixtures/words.txt. */
function print(parts: readonly WordPart[]): string {
  return parts.map(printPart).join(' ');
}

function printPart(part: WordPart): string {
  if (part.kind === 'text') {
    const text = part.text.replaceAll(' ', '·');
    return part.quoted ? `"${text.replaceAll('"', '\\"')}"` : text;
  }
  const operands = [part.operand, part.replacement]
    .filter((parts) => parts !== undefined)
    .map((parts) => `[${print(parts)}]`);
  return `<${[part.name, ...(part.operator === undefined ? [] : [part.operator]), ...operands].join(' ')}>`;
}

test.run();
