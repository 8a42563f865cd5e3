import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  complete,
  createDocumentOutline,
  findDefinition,
  findHover,
  findReferences,
  openDocument,
} from '../../src/editor/index.ts';

/** An editor asks at any time, anywhere: mostly in a file that is half written. */
const test = suite('editor room under fire');
const RUNS = Number(process.env.MKIMAGE_FUZZ ?? 300);
const texts = ['fixtures', ...(process.env.MKIMAGE_CONFORMANCE === undefined ? [] : [process.env.MKIMAGE_CONFORMANCE])]
  .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name === 'Dockerfile')
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  .filter((text) => text.length < 6000);

const put = fc.constantFrom(
  '',
  ' ',
  '\n',
  '\\\n',
  '"',
  "'",
  '$',
  '${',
  '--',
  '=',
  ',',
  '#',
  '<<',
  '\r\n',
  'FROM ',
  '\u{1f433}',
);
const mutation = fc.tuple(fc.nat(), fc.nat(8), put);

test('answers everywhere, and only about places that there are', () => {
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.array(mutation, { maxLength: 5 }), fc.nat(), (text, mutations, where) => {
      const source = mutations.reduce((now, [at, cut, more]) => {
        const place = at % (now.length + 1);
        return now.slice(0, place) + more + now.slice(place + cut);
      }, text);
      const offset = where % (source.length + 1);
      const document = openDocument(source);
      const { span } = complete(document, offset);
      const spans = [
        span,
        ...[findHover(document, offset)?.span, findDefinition(document, offset)].filter((found) => found !== undefined),
        ...findReferences(document, offset, true),
        ...createDocumentOutline(document).flatMap((entry) => [entry.span, entry.nameSpan]),
      ];
      for (const { start, end } of spans) assert.ok(0 <= start && start <= end && end <= source.length);
      assert.is(span.end, offset);
    }),
    { numRuns: RUNS },
  );
});

test.run();
