import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createFormatEdits } from '../../../src/cli/lsp/format-edits.ts';
import { OpenFile } from '../../../src/cli/lsp/open-file.ts';
import { formatBuildFile } from '../../../src/format/index.ts';

const test = suite('edits of the formatter');

/** Other ends of lines: all, every second, and none at the end of the file. */
const VARIANTS: Readonly<Record<string, (text: string) => string>> = {
  'as they are': (text) => text,
  'with carriage returns': (text) => text.replace(/\r?\n/g, '\r\n'),
  'with carriage returns here and there': (text) => text.replace(/(\r?\n)([^\n]*\n)/g, '\r\n$2'),
  'with carriage returns but in the first line': (text) => text.replace(/\r?\n/g, '\r\n').replace('\r\n', '\n'),
  'without a line end at the end': (text) => text.trimEnd(),
};

for (const [title, vary] of Object.entries(VARIANTS)) {
  test(`lead to the formatted text, in files ${title}`, () => {
    for (const name of readdirSync('fixtures/format')) {
      const before = vary(readFileSync(`fixtures/format/${name}/Dockerfile`, 'utf8'));
      const formatted = formatBuildFile(before);
      const document = TextDocument.create('untitled:x', 'dockerfile', 1, before);
      const after = TextDocument.applyEdits(document, createFormatEdits(new OpenFile(document)));
      assert.is(after, formatted.kind === 'formatted' ? formatted.text : '');
    }
  });
}

test('leave the lines alone that do not change', () => {
  const document = TextDocument.create('untitled:x', 'dockerfile', 1, 'FROM a\nrun  b\nRUN c\n');
  assert.equal(createFormatEdits(new OpenFile(document)), [
    { range: { start: { line: 1, character: 0 }, end: { line: 1, character: 4 } }, newText: 'RUN' },
  ]);
});

test.run();
