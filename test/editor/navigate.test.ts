import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createDocumentOutline,
  findDefinition,
  findReferences,
  findRenameable,
  openDocument,
  renameStage,
} from '../../src/editor/index.ts';
import { marked } from './marked.ts';

const test = suite('navigation');

/** Text with a cursor; the line of the definition and what stands there. */
const DEFINITIONS: readonly (readonly [title: string, text: string, place: string | undefined])[] = [
  ['a stage, from FROM', 'FROM a AS one\nFROM o|ne', '1 one'],
  ['a stage, whatever the case', 'FROM a AS One\nFROM b\nCOPY --from=oN|e a b', '1 One'],
  ['a stage, from a mount', 'FROM a AS one\nFROM b\nRUN --mount=type=bind,from=on|e,target=/x y', '1 one'],
  ['the later of two stages of one name', 'FROM a AS x\nFROM b AS x\nFROM x|', '2 x'],
  ['no stage for an image', 'FROM al|pine', undefined],
  ['no stage for a number', 'FROM a AS one\nFROM b\nCOPY --from=|0 a b', undefined],
  ['no stage for its own name', 'FROM on|e AS one', undefined],
  ['a variable of the stage', 'FROM a\nENV X=1\nRUN echo $|X', '2 X'],
  ['the last declaration before the use', 'FROM a\nENV X=1\nENV X=2\nWORKDIR /${X|:-y}\nENV X=3', '3 X'],
  ['a declaration in the stage below', 'FROM a AS base\nARG X=1\nFROM base\nRUN echo $X|', '2 X'],
  ['a declaration before all stages, from FROM', 'ARG X=1\nFROM a:$X|', '1 X'],
  ['a declaration before all stages, from the one that takes it in', 'ARG X=1\nFROM a\nARG X|', '1 X'],
  ['the declaration in the stage, not the one before it', 'ARG X=1\nFROM a\nARG X\nRUN $X|', '3 X'],
  ['none in another stage', 'FROM a\nENV X=1\nFROM b\nRUN $X|', undefined],
  ['none in single quotes', "FROM a\nENV X=1\nRUN echo '$X|'", undefined],
  ['none for an escaped sign', 'FROM a\nENV X=1\nRUN echo \\$X|', undefined],
  ['one in the default of another', 'FROM a\nENV X=1\nWORKDIR /${Y:-$X|}', '2 X'],
  ['one in a heredoc of RUN', "FROM a\nENV X=1\nRUN <<EOF\nit's $X|\nEOF", '2 X'],
  ['one in a heredoc of COPY', 'FROM a\nENV X=1\nCOPY <<EOF /b\n"$X|"\nEOF', '2 X'],
  ['one on a continued line', 'FROM a\nENV X=1\nLABEL a=1 \\\n  b=$X|', '2 X'],
  ['the value before, in the same ENV', 'FROM a\nENV X=1\nENV X=2 Y=$X|', '2 X'],
];

for (const [title, text, place] of DEFINITIONS) {
  test(`finds ${title}`, () => {
    const { source, offset } = marked(text);
    const found = findDefinition(openDocument(source), offset);
    assert.is(found && placeOf(source, found), place);
  });
}

test('finds all uses of a stage, and its name only if that is wanted', () => {
  const { source, offset } = marked('FROM a AS o|ne\nFROM ONE\nCOPY --from=one a b\nRUN --mount=from=One,target=/x y');
  const places = (withName: boolean) => {
    return findReferences(openDocument(source), offset, withName).map((span) => placeOf(source, span));
  };
  assert.equal(places(true), ['1 one', '2 ONE', '3 one', '4 One']);
  assert.equal(places(false), ['2 ONE', '3 one', '4 One']);
});

test('finds a variable wherever it is the same one', () => {
  const text = 'ARG X=1\nFROM a:$X AS base\nARG X\nRUN $X\nFROM base\nRUN ${X|}\nFROM c\nENV Y=$X';
  const { source, offset } = marked(text);
  const places = findReferences(openDocument(source), offset, true).map((span) => placeOf(source, span));
  assert.equal(places, ['1 X', '2 X', '3 X', '4 X', '6 X']);
});

test('renames nothing but stages', () => {
  const { source, offset } = marked('FROM a\nENV X|=1\n');
  const document = openDocument(source);
  assert.is(findRenameable(document, offset), undefined);
  assert.throws(() => renameStage(document, offset, 'y'), /no stage name at this position/);
});

test('gives no stage a name that another has, or that is none', () => {
  const { source, offset } = marked('FROM a AS o|ne\nFROM b AS Two\n');
  const document = openDocument(source);
  assert.throws(() => renameStage(document, offset, 'two'), /a stage `two` already exists/);
  assert.throws(() => renameStage(document, offset, 'a b'), /invalid stage name `a b`/);
  assert.is(renameStage(document, offset, 'ONE').length, 1);
});

test('lists stages with what they declare', () => {
  const source = 'ARG V=1\nFROM a:$V AS one\nENV A=1 B=2\nFROM one\nARG V\nRUN x\n';
  const shape = (entries: ReturnType<typeof createDocumentOutline>): unknown =>
    entries.map(({ name, detail, span, children }) => [
      name,
      detail,
      source.slice(span.start, span.end),
      shape(children),
    ]);
  assert.equal(shape(createDocumentOutline(openDocument(source))), [
    ['V', 'ARG', 'V', []],
    [
      'one',
      'a:$V',
      'FROM a:$V AS one\nENV A=1 B=2',
      [
        ['A', 'ENV', 'A', []],
        ['B', 'ENV', 'B', []],
      ],
    ],
    ['stage-1', 'one', 'FROM one\nARG V\nRUN x', [['V', 'ARG', 'V', []]]],
  ]);
});

function placeOf(source: string, { start, end }: { readonly start: number; readonly end: number }): string {
  return `${source.slice(0, start).split('\n').length} ${source.slice(start, end)}`;
}

test.run();
