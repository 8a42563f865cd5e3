import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Instruction, parseBuildFile } from '../../src/instructions/index.ts';

const test = suite('build file');

const read = (text: string) => parseBuildFile(text);
const kinds = (text: string) => read(text).instructions.map(({ kind }) => kind);
const one = <K extends Instruction['kind']>(text: string, kind: K): Extract<Instruction, { kind: K }> => {
  const file = read(`FROM scratch\n${text}\n`);
  assert.equal(file.diagnostics, []);
  const found = file.instructions[1];
  assert.is(found?.kind, kind);
  return found as Extract<Instruction, { kind: K }>;
};

test('all instructions are known in any case', () => {
  const text = [
    'ARG V=1',
    'from scratch AS base',
    'MAINTAINER me',
    'ENV A=b',
    'Label k=v',
    'EXPOSE 80/tcp',
    'VOLUME /data',
    'WORKDIR /w',
    'USER 1:2',
    'SHELL ["/bin/sh", "-c"]',
    'STOPSIGNAL SIGTERM',
    'HEALTHCHECK NONE',
    'ONBUILD RUN true',
    'COPY a b',
    'ADD a b',
    'RUN true',
    'CMD ["x"]',
    'ENTRYPOINT x',
  ].join('\n');
  assert.equal(read(text).diagnostics, []);
  assert.is(kinds(text).length, 18);
});

test('a byte order mark, CRLF and blanks before instructions are no matter', () => {
  assert.equal(kinds('\ufeffFROM scratch\r\n   RUN a \\\r\n  b\r\n'), ['from', 'run']);
});

test('comments and empty lines inside a continuation are left out', () => {
  const run = one('RUN a \\\n# comment\n\n  b', 'run');
  assert.equal(run.command.args, ['a   b']);
});

test('the escape directive changes the continuation character', () => {
  assert.equal(kinds('# escape=`\nFROM scratch\nRUN a `\n b\n'), ['from', 'run']);
  assert.is(read('# escape=`\nFROM scratch\n').escape, '`');
});

test('exec form is JSON, and what only looks like it is shell form', () => {
  assert.equal(one('CMD ["a", "b"]', 'cmd').command.args, ['a', 'b']);
  assert.is(one("CMD ['a']", 'cmd').command.form, 'shell');
});

test('heredocs of one instruction are read in order', () => {
  const copy = one('COPY <<one <<-"two" /d/\nA $x\none\n\tB $x\ntwo', 'copy');
  const bodies = copy.sources.map((source) => (source.kind === 'heredoc' ? source.heredoc : undefined));
  assert.equal(
    bodies.map((body) => [body?.name, body?.content, body?.expand]),
    [
      ['one', 'A $x\n', true],
      ['two', 'B $x\n', false],
    ],
  );
});

test('an unterminated heredoc is reported with its position', () => {
  const [found] = read('FROM scratch\nRUN <<EOF\nx\n').diagnostics;
  assert.is(found?.severity, 'error');
  assert.is(found?.range.start.line, 2);
});

test('flags of COPY and RUN are read', () => {
  const copy = one('COPY --from=0 --chown=a:b --chmod=755 --link --parents --exclude=x --exclude=y s d', 'copy');
  assert.is(copy.from?.raw, '0');
  assert.is(copy.link, true);
  assert.equal(
    copy.excludes.map(({ raw }) => raw),
    ['x', 'y'],
  );
  const run = one('RUN --mount=type=cache,target=/c,sharing=locked --network=none make', 'run');
  assert.equal(
    run.mounts[0]?.options.map(({ key, value }) => [key, value?.raw]),
    [
      ['type', 'cache'],
      ['target', '/c'],
      ['sharing', 'locked'],
    ],
  );
});

function refuses(title: string, text: string, message: RegExp, line: number): void {
  test(`refuses ${title}`, () => {
    const found = read(text).diagnostics.filter(({ severity }) => severity === 'error');
    assert.ok(found.length > 0, 'no error');
    assert.match(`${found[0]?.message} ${found[0]?.hint ?? ''}`, message);
    assert.is(found[0]?.range.start.line, line);
  });
}

refuses('an unknown instruction and names the nearest', 'FROM scratch\nRUNN x\n', /RUN/, 2);
refuses('an unknown flag and names the nearest', 'FROM scratch\nCOPY --chwon=a s d\n', /chown/, 2);
refuses('an empty file', '', /./, 1);
refuses('ONBUILD of ONBUILD', 'FROM scratch\nONBUILD ONBUILD RUN x\n', /ONBUILD/i, 2);
refuses('an instruction before FROM', 'RUN x\n', /FROM/, 1);
refuses('ENV without a value', 'FROM scratch\nENV A\n', /./, 2);

test('all faults of a file are told in one run', () => {
  const found = read('FROM scratch\nRUNN x\nENV\nCOPY a\nRUN ok\n').diagnostics;
  assert.equal(
    found.filter(({ severity }) => severity === 'error').map(({ range }) => range.start.line),
    [2, 3, 4],
  );
});

test.run();
