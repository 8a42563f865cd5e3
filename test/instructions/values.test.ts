import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Instruction, parseBuildFile } from '../../src/instructions/index.ts';

const test = suite('values of instructions');

/** The instruction after `FROM scratch`. */
function read<K extends Instruction['kind']>(text: string, kind: K): Extract<Instruction, { kind: K }> {
  const { diagnostics, instructions } = parseBuildFile(`FROM scratch\n${text}\n`);
  assert.equal(diagnostics, [], text);
  const found = instructions[1];
  assert.is(found?.kind, kind, text);
  return found as Extract<Instruction, { kind: K }>;
}

/** `code: text of the range` of each diagnostic. */
function faults(text: string): readonly string[] {
  const source = `FROM scratch\n${text}\n`;
  return parseBuildFile(source).diagnostics.map(
    ({ code, range }) => `${code}: ${source.slice(range.start.offset, range.end.offset)}`,
  );
}

test('HEALTHCHECK has its times in nanoseconds', () => {
  const check = read(
    'HEALTHCHECK --interval=1m30s --timeout=1ms --retries=3 --start-period=0s CMD true',
    'healthcheck',
  );
  assert.is(check.interval, 90_000_000_000);
  assert.is(check.timeout, 1_000_000);
  assert.is(check.startPeriod, 0);
  assert.is(check.retries, 3);
  assert.not('startInterval' in check);
  assert.equal(check.command?.args, ['true']);
});

test('HEALTHCHECK NONE has no command', () => {
  assert.not('command' in read('HEALTHCHECK NONE', 'healthcheck'));
  assert.not('command' in read('HEALTHCHECK none []', 'healthcheck'));
});

test('an empty value of a HEALTHCHECK flag is the default', () => {
  assert.not('interval' in read('HEALTHCHECK --interval= --retries= CMD true', 'healthcheck'));
});

test('faults of HEALTHCHECK are at their word', () => {
  assert.equal(faults('HEALTHCHECK --interval=soon CMD true'), ['invalid-duration: soon']);
  assert.equal(faults('HEALTHCHECK --timeout=1us CMD true'), ['invalid-duration: 1us']);
  assert.equal(faults('HEALTHCHECK --retries=-1 CMD true'), ['invalid-retries: -1']);
  assert.equal(faults('HEALTHCHECK --retries=many CMD true'), ['invalid-retries: many']);
  assert.equal(faults('HEALTHCHECK CMDS true'), ['unknown-health-check: CMDS']);
  assert.equal(faults('HEALTHCHECK NONE true'), ['extra-argument: true']);
  assert.equal(faults('HEALTHCHECK CMD'), ['missing-argument: HEALTHCHECK CMD']);
});

test('flags of HEALTHCHECK NONE have no effect, which is a warning', () => {
  const { diagnostics } = parseBuildFile('FROM scratch\nHEALTHCHECK --retries=1 NONE\n');
  assert.equal(
    diagnostics.map(({ code, severity }) => [code, severity]),
    [['ignored-flag', 'warning']],
  );
});

const optionsOf = (text: string) =>
  read(`RUN ${text} x`, 'run').mounts.map(({ options }) =>
    options.map(({ key, value }) => (value === undefined ? key : `${key}=${value.raw}`)),
  );

test('options of a mount keep their order, and their keys are in lower case', () => {
  assert.equal(optionsOf('--mount=TYPE=cache,target=/c,ID=a'), [['type=cache', 'target=/c', 'id=a']]);
});

test('several mounts are several flags', () => {
  assert.equal(optionsOf('--mount=type=ssh --mount=type=secret,id=t,required'), [
    ['type=ssh'],
    ['type=secret', 'id=t', 'required'],
  ]);
});

test('a value with a comma is in quotes', () => {
  assert.equal(optionsOf(`--mount='type=bind,"source=a,b",target=/x'`), [['type=bind', 'source=a,b', 'target=/x']]);
});

test('faults of mounts are at their option', () => {
  assert.equal(faults('RUN --mount=type=bnd,target=/x x'), ['invalid-mount-type: type=bnd']);
  assert.equal(faults('RUN --mount=type=cache,sharing=all,target=/x x'), ['invalid-mount-sharing: sharing=all']);
  assert.equal(faults('RUN --mount=tpe=bind x'), ['unknown-mount-option: tpe=bind']);
  assert.equal(faults('RUN --mount=target x'), ['missing-option-value: target']);
  assert.equal(faults('RUN --mount=from=$X,target=/x x'), ['from-variable: from=$X']);
});

test('a fix names the nearest type of a mount', () => {
  const [found] = parseBuildFile('FROM scratch\nRUN --mount=type=bnd,target=/x x\n').diagnostics;
  assert.is(found?.fixes?.[0]?.edits[0]?.text, 'bind');
});

test('a type with a variable is checked later, when its value is known', () => {
  assert.equal(faults('RUN --mount=type=$T,target=/x x'), []);
});

test('network and security accept their values only', () => {
  assert.is(read('RUN --network=none x', 'run').network?.raw, 'none');
  assert.is(read('RUN --security=insecure x', 'run').security?.raw, 'insecure');
  assert.equal(faults('RUN --network=hots x'), ['invalid-flag-value: hots']);
  assert.equal(faults('RUN --security=root x'), ['invalid-flag-value: root']);
});

test('a flag is known, has a value and is used once', () => {
  assert.equal(faults('COPY --form=a b /'), ['unknown-flag: --form=a']);
  assert.equal(faults('COPY --from b /'), ['missing-flag-value: --from']);
  assert.equal(faults('COPY --from=a --from=b c /'), ['repeated-flag: --from=b']);
  assert.equal(faults('COPY --link=maybe a /'), ['invalid-flag-value: --link=maybe']);
  assert.equal(faults('WORKDIR --link /a'), ['unknown-flag: --link']);
});

test('a switch is true without a value', () => {
  assert.is(read('COPY --link a /', 'copy').link, true);
  assert.is(read('COPY --link=false a /', 'copy').link, false);
  assert.is(read('ADD --unpack=TRUE a /', 'add').unpack, true);
});

test('flags of COPY and ADD are words, and an empty value is no value', () => {
  const copy = read('COPY --from=a --chown=1:2 --chmod=0644 --exclude=*.o --exclude=b --parents c /', 'copy');
  assert.equal([copy.from?.raw, copy.chown?.raw, copy.chmod?.raw], ['a', '1:2', '0644']);
  assert.equal(
    copy.excludes.map(({ raw }) => raw),
    ['*.o', 'b'],
  );
  assert.is(copy.parents, true);
  assert.not('chown' in read('COPY --chown= a /', 'copy'));
});

const pathsOf = (text: string) => {
  const { sources, destination } = read(text, 'copy');
  return [
    ...sources.map((source) => (source.kind === 'path' ? source.word.raw : `<<${source.heredoc.name}`)),
    destination.raw,
  ];
};

test('paths are words or a JSON array', () => {
  assert.equal(pathsOf('COPY a b /c/'), ['a', 'b', '/c/']);
  assert.equal(pathsOf('COPY ["a b", "/c/"]'), ['a b', '/c/']);
});

test('heredocs are sources in the order of their marks', () => {
  assert.equal(pathsOf('COPY <<a x <<b /\n1\na\n2\nb'), ['<<a', 'x', '<<b', '/']);
});

test('too few paths, and a heredoc as destination, are errors', () => {
  assert.equal(faults('COPY a'), ['missing-argument: COPY a']);
  assert.equal(faults('COPY []'), ['missing-argument: COPY []']);
  assert.equal(faults('COPY a <<b\n1\nb'), ['heredoc-destination: \n1\nb']);
  assert.equal(faults('COPY << EOF /a\nx\nEOF'), ['split-heredoc: << EOF']);
});

const pairsOf = (text: string) =>
  read(text, 'env').pairs.map(({ key, value, legacy }) => `${key.raw}=${value.raw}${legacy ? ' legacy' : ''}`);

test('ENV has pairs, or one name and the rest of the line', () => {
  assert.equal(pairsOf('ENV A=1 B="x y" C='), ['A=1', 'B="x y"', 'C=']);
  assert.equal(pairsOf('ENV A b  c'), ['A=b  c legacy']);
});

test('ARG has names with and without a default', () => {
  const { args } = read('ARG A B=1 C=""', 'arg');
  assert.equal(
    args.map(({ name, value }) => [name, value?.raw]),
    [
      ['A', undefined],
      ['B', '1'],
      ['C', '""'],
    ],
  );
});

test('simple values are words', () => {
  assert.equal(
    read('EXPOSE 80 443/tcp $P', 'expose').ports.map(({ raw }) => raw),
    ['80', '443/tcp', '$P'],
  );
  assert.equal(
    read('VOLUME ["/a", " /b "]', 'volume').paths.map(({ raw }) => raw),
    ['/a', '/b'],
  );
  assert.is(read('WORKDIR /a b', 'workdir').path.raw, '/a b');
  assert.is(read('USER app:$G', 'user').user.raw, 'app:$G');
  assert.is(read('STOPSIGNAL SIGINT', 'stopsignal').signal.raw, 'SIGINT');
  assert.is(read('MAINTAINER A B <a@b>', 'maintainer').name, 'A B <a@b>');
});

test('an empty path of VOLUME is an error', () => {
  assert.equal(faults('VOLUME [""]'), ['missing-argument: VOLUME [""]']);
  assert.equal(faults('VOLUME []'), ['missing-argument: VOLUME []']);
});

test('ONBUILD keeps its instruction and the text for the image', () => {
  const { trigger, text } = read('ONBUILD RUN <<E\necho 1\nE', 'onbuild');
  assert.is(trigger.kind, 'run');
  assert.is(text, 'RUN <<E\necho 1\nE');
  assert.equal(faults('ONBUILD ONBUILD RUN x'), ['forbidden-trigger: ONBUILD']);
});

test('all comments since the instruction before are part of an instruction, as in BuildKit', () => {
  const { comments } = read('# one\n\n#two\nRUN x', 'run');
  assert.equal(
    comments.map(({ text }) => text.trim()),
    ['one', 'two'],
  );
});

test.run();
