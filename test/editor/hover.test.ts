import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findHover, openDocument } from '../../src/editor/index.ts';
import { REFERENCE } from '../../src/editor/reference.ts';
import { marked } from './marked.ts';

const test = suite('hover');

/** Text with a cursor; the words that the text is about; what it says. */
const HOVERS: readonly (readonly [text: string, about: string, says: string])[] = [
  ['FR|OM a', 'FROM', REFERENCE.instructions.FROM!.text],
  ['FROM a\nru|n x', 'run', REFERENCE.instructions.RUN!.text],
  ['FROM a\nONBUILD co|py a b', 'copy', REFERENCE.instructions.COPY!.text],
  ['FROM a\nCOPY --ch|own=1 a b', '--chown', REFERENCE.instructions.COPY!.flags.chown!],
  ['FROM a\nCOPY --link \\\n --from|=x a b', '--from', REFERENCE.instructions.COPY!.flags.from!],
  ['FROM a\nONBUILD RUN --net|work=none x', '--network', REFERENCE.instructions.RUN!.flags.network!],
  ['FROM a\nRUN --mount=ty|pe=cache,target=/x y', 'type=cache', REFERENCE.mountOptions.type!],
  ['FROM a\nRUN --mount=type=ca|che,target=/x y', 'type=cache', REFERENCE.mountTypes.cache!.text],
  ['FROM a\nRUN --mount=type=cache,sha|ring=locked y', 'sharing=locked', REFERENCE.mountOptions.sharing!],
  ['FROM --platform=$TARGET|PLATFORM a', 'TARGETPLATFORM', REFERENCE.automaticArgs.TARGETPLATFORM!],
  ['FROM a\nENV X=1 Y=2\nRUN $X|', 'X', 'ENV X=1 Y=2'],
  ['FROM a AS one\nFROM on|e', 'one', 'FROM a AS one'],
  ['# esc|ape=`\nFROM a', '# escape=`', REFERENCE.directives.escape!],
  ['# check=skip=Undefined|Var\nFROM a', 'UndefinedVar', REFERENCE.checks.UndefinedVar!],
];

for (const [text, about, says] of HOVERS) {
  test(`tells of ${about} in ${JSON.stringify(text)}`, () => {
    const { source, offset } = marked(text);
    const found = findHover(openDocument(source), offset);
    assert.is(found && source.slice(found.span.start, found.span.end), about);
    assert.ok(found?.text.includes(says), found?.text);
  });
}

for (const text of [
  'FROM a\nRUN ec|ho',
  'FROM a\nRUN echo RU|N',
  'FROM a\nCOPY --no|ne=1 a b',
  'FROM a\n# no|te',
  'FROM a\n|',
]) {
  test(`has nothing to tell in ${JSON.stringify(text)}`, () => {
    const { source, offset } = marked(text);
    assert.is(findHover(openDocument(source), offset), undefined);
  });
}

test.run();
