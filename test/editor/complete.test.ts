import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { complete, openDocument } from '../../src/editor/index.ts';
import { marked } from './marked.ts';

const test = suite('completion');

function completed(text: string) {
  const { source, offset } = marked(text);
  const { items, span, path } = complete(openDocument(source), offset);
  return { labels: items.map(({ label }) => label), typed: source.slice(span.start, span.end), path };
}

/** Text with a cursor; what it offers, all of it; what is replaced. */
const ALL: readonly (readonly [text: string, labels: string, typed: string])[] = [
  ['FROM a AS one\nFROM b AS Two\nCOPY --from=o|', 'one', 'o'],
  ['FROM a AS one\nFROM b AS Two\nFROM |', 'one Two scratch', ''],
  ['FROM a |', 'AS', ''],
  ['FROM a AS |', '', ''],
  ['FROM a\nRUN --network=|', 'default none host', ''],
  ['FROM a\nRUN --security=s|', 'sandbox insecure', 's'],
  ['FROM a\nCOPY --link=|', 'true false', ''],
  ['FROM a\nCOPY --none=|', '', ''],
  ['FROM a\nRUN --mount=type=|', 'bind cache tmpfs secret ssh', ''],
  ['FROM a\nRUN --mount=type=ca|', 'bind cache tmpfs secret ssh', 'ca'],
  ['FROM a\nRUN --mount=type=tmpfs,|', 'target= size=', ''],
  ['FROM a\nRUN --mount=type=ssh,target=/x,i|', 'id= required mode= uid= gid=', 'i'],
  ['FROM a\nRUN --mount=type=cache,sharing=|', 'shared private locked', ''],
  ['FROM a AS one\nFROM b\nRUN --mount=from=|', 'one', ''],
  ['FROM a\nRUN --mount=type=secret,required=|', 'true false', ''],
  ['FROM a\nHEALTHCHECK --interval=5s |', 'CMD NONE', ''],
  ['FROM a\nHEALTHCHECK CMD |', '', ''],
  ['ARG A=1\nFROM a\nENV B=2\nRUN echo $|', 'B', ''],
  ['ARG A=1\nFROM a\nARG A\nRUN echo "${A|', 'A', 'A'],
  ['FROM a AS base\nENV B=2\nFROM base\nENV C=3\nRUN <<EOF\necho $|\nEOF\n', 'C B', ''],
  ['FROM a\nENV B=2\nRUN echo \\$|', '', '\\$'],
  ['FROM a\nENV B=2\nRUN a \\\n  # note\n  && echo $|', 'B', ''],
  ['FROM a\nRUN echo |', '', ''],
  ['FROM a\n# a note |', '', ''],
  ['# |\nFROM a', 'syntax= escape= check=', ''],
  ['# check=s|', 'skip= error=true experimental=', 's'],
  ['# escape=|', '` \\', ''],
  ['FROM a\nRUN <<EOF\nCO|\nEOF\n', '', ''],
];

for (const [text, labels, typed] of ALL) {
  test(`offers ${labels || 'nothing'} in ${JSON.stringify(text)}`, () => {
    const found = completed(text);
    assert.equal([found.labels.join(' '), found.typed], [labels, typed]);
  });
}

/** Text with a cursor; something among what it offers; what is replaced. */
const SOME: readonly (readonly [text: string, label: string, typed: string])[] = [
  ['|', 'FROM', ''],
  ['fr|', 'FROM', 'fr'],
  ['FROM a\n\n|', 'RUN', ''],
  ['FROM a\nONBUILD co|', 'COPY', 'co'],
  ['FROM a\nRUN a\nCO|\nRUN b\n', 'COPY', 'CO'],
  ['FROM a\nCOPY --|', '--from=', '--'],
  ['FROM a\nCOPY --chown=1 --pa| a b', '--parents', '--pa'],
  ['FROM a\nCOPY \\\n  --|', '--chmod=', '--'],
  ['FROM a\nONBUILD ADD --ch|', '--checksum=', '--ch'],
  ['FROM a\nRUN --mount=|', 'type=', ''],
  ['FROM --platform=$|', 'BUILDPLATFORM', ''],
  ['ARG V=1\nFROM a:$|', 'V', ''],
  ['ARG V=1\nFROM a\nARG |', 'V', ''],
  ['FROM a\nARG TARGET|', 'TARGETARCH', 'TARGET'],
  ['FROM a\nSTOPSIGNAL |', 'SIGTERM', ''],
  ['# check=skip=A,Und|\nFROM a', 'UndefinedVar', 'Und'],
  ['FROM a\n# check=skip=|\nRUN b', 'all', ''],
];

for (const [text, label, typed] of SOME) {
  test(`offers ${label}, among others, in ${JSON.stringify(text)}`, () => {
    const found = completed(text);
    assert.ok(found.labels.includes(label), found.labels.join(' '));
    assert.is(found.typed, typed);
  });
}

test('offers no instruction as a trigger that cannot be one', () => {
  const { labels } = completed('FROM a\nONBUILD |');
  assert.equal(
    labels.filter((label) => /FROM|ONBUILD|MAINTAINER/.test(label)),
    [],
  );
});

/** Text with a cursor; the path of the context that is typed there. */
const PATHS: readonly (readonly [text: string, path: string | undefined])[] = [
  ['FROM a\nCOPY |', ''],
  ['FROM a\nCOPY src/ma|', 'src/ma'],
  ['FROM a\nADD --chown=1 a b|', 'b'],
  ['FROM a\nRUN --mount=type=bind,source=sr|', 'sr'],
  ['FROM a\nCOPY --from=x b|', undefined],
  ['FROM a\nRUN --mount=type=cache,source=sr|', undefined],
  ['FROM a\nADD https://x/|', undefined],
  ['FROM a\nCOPY a /|', undefined],
  ['FROM a\nRUN ca|', undefined],
];

for (const [text, path] of PATHS) {
  test(`asks for ${path === undefined ? 'no path' : `paths like "${path}"`} in ${JSON.stringify(text)}`, () => {
    assert.is(completed(text).path, path);
  });
}

test.run();
