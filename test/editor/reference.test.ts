import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KEYWORDS } from '../../grammar/index.ts';
import { REFERENCE } from '../../src/editor/reference.ts';
import { parseBuildFile } from '../../src/instructions/index.ts';

/** The reference is held against the parser and the pages: neither may know something that the other does not. */
const test = suite('reference');

test('has every instruction', () => {
  assert.equal(Object.keys(REFERENCE.instructions).sort(), KEYWORDS.map((keyword) => keyword.toUpperCase()).sort());
});

for (const [keyword, { flags }] of Object.entries(REFERENCE.instructions)) {
  test(`has the flags of ${keyword} that the parser knows`, () => {
    const { hint = '' } = unknownFlag(keyword, 'no-such-flag-at-all') ?? {};
    const known = [...hint.matchAll(/--([\w-]+)/g)].map(([, name]) => name!);
    assert.equal(Object.keys(flags).sort(), known.sort());
  });
}

test('has every check that there is a page for', () => {
  const pages = readdirSync('docs/rules').map((name) => name.replace(/\.md$/, ''));
  assert.equal(Object.keys(REFERENCE.checks).sort(), pages.filter((name) => name !== 'README').sort());
});

test('has no mount option that the parser refuses', () => {
  const options = Object.keys(REFERENCE.mountOptions).map((name) =>
    /^(r|ro|rw|read.*|required)$/.test(name) ? name : `${name}=`,
  );
  assert.equal(
    codesOf(`RUN --mount=${options.join(',')} x`).filter((code) => code === 'unknown-mount-option'),
    [],
  );
  const inTypes = Object.values(REFERENCE.mountTypes).flatMap((type) => type.options);
  assert.equal(
    inTypes.filter((name) => !(name in REFERENCE.mountOptions)),
    [],
  );
});

test('has no value that the parser refuses', () => {
  for (const type of Object.keys(REFERENCE.mountTypes)) assert.equal(codesOf(`RUN --mount=type=${type} x`), []);
  for (const sharing of REFERENCE.sharing) assert.equal(codesOf(`RUN --mount=type=cache,sharing=${sharing} x`), []);
  for (const flag of ['network', 'security']) {
    for (const value of REFERENCE.flagValues[flag]!) assert.equal(codesOf(`RUN --${flag}=${value} x`), []);
  }
});

test('writes texts as sentences', () => {
  const texts = JSON.stringify(REFERENCE).match(/"text":"[^"]*"/g) ?? [];
  assert.ok(texts.length > 15 && texts.every((text) => /[.)]"$/.test(text)));
});

function unknownFlag(keyword: string, flag: string) {
  const operands = keyword === 'COPY' || keyword === 'ADD' ? 'a b' : keyword === 'HEALTHCHECK' ? 'CMD a' : 'a=b';
  const inner = keyword === 'ONBUILD' ? 'RUN a' : operands;
  const { diagnostics } = parseBuildFile(`FROM x\n${keyword} --${flag}=1 ${inner}\n`);
  return diagnostics.find(({ code }) => code === 'unknown-flag');
}

function codesOf(line: string): readonly string[] {
  return parseBuildFile(`FROM x\n${line}\n`).diagnostics.map(({ code }) => code);
}

test.run();
