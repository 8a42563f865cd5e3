/** Random build files, driven by the grammar: every instruction, every flag, heredocs, continuations, comments, directives. */
import fc, { type Arbitrary } from 'fast-check';

type Sign = '\\' | '`';

/** A text in the language, not always one that says something sensible. */
export const buildFileText: Arbitrary<string> = fc.constantFrom<Sign>('\\', '\\', '`').chain((sign) => {
  const head = sign === '`' ? '# escape=`\n' : '';
  const stage = fc
    .tuple(from(sign), fc.array(laidOut(sign), { maxLength: 6 }))
    .map(([first, rest]) => [first, ...rest]);
  return fc
    .tuple(fc.array(arg(sign), { maxLength: 2 }), fc.array(stage, { minLength: 1, maxLength: 3 }), lineEnd)
    .map(([args, stages, end]) => `${head}${[...args, ...stages.flat()].join('\n')}\n`.replaceAll('\n', end));
});

const lineEnd = fc.constantFrom('\n', '\n', '\n', '\r\n');
const name = fc.constantFrom('A', 'b', 'LONG_NAME', 'x.y', 'k-1', '_');
const operator = fc.constantFrom(':-', '-', ':+', '+', ':?', '?', '#', '##', '%', '%%', '/', '//');

const substitution: Arbitrary<string> = fc.oneof(
  name.map((text) => `$${text}`),
  name.map((text) => `\${${text}}`),
  fc
    .tuple(name, operator, fc.constantFrom('', 'd', '*/', 'a/b', '${C:-e}', 'a\\ b'))
    .map(
      ([text, op, word]) =>
        `\${${text}${op}${op.startsWith('/') ? word.replace('/', '\\/') || 'x' : word}${op.startsWith('/') ? '/r' : ''}}`,
    ),
);
const piece: Arbitrary<string> = fc.oneof(
  fc.constantFrom('a', 'b/c', '/abs/', '*.txt', '[x]', 'é', '.', '..', '-', '--', '#', '=', ',', ':', '@'),
  substitution,
);
const bare = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join(''));
const quoted = fc.oneof(
  bare.map((text) => `"${text} x"`),
  bare.map((text) => `'${text} y'`),
  fc.constantFrom('""', "''", '"a\'b"', "'a\"b'"),
);

/** A word: bare, quoted, or with an escaped blank or sign. */
const word = (sign: Sign): Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: bare },
    quoted,
    bare.map((text) => `${text}${sign} z`),
    bare.map((text) => `${sign}$${text}`),
  );

const words = (sign: Sign, least: number, most = 3) =>
  fc.array(word(sign), { minLength: least, maxLength: most }).map((list) => list.join(' '));
const json = (least: number) =>
  fc
    .array(fc.constantFrom('a', 'b c', '$X', '"', '\\', '', 'é\u0001', '/x'), { minLength: least, maxLength: 3 })
    .map((list) => JSON.stringify(list));
const command = (sign: Sign) =>
  fc.oneof(words(sign, 1, 4), json(0), fc.constantFrom('echo hi && x', "echo 'a  b'", '[ -f x ]'));

const flag = (flags: Arbitrary<string>) =>
  fc.array(flags, { maxLength: 3 }).map((list) => list.map((text) => `${text} `).join(''));
const mount = fc.constantFrom(
  '--mount=type=bind,target=/a,rw',
  '--mount=target=/a,from=b,source=c',
  '--mount=type=cache,id=x,target=/c,sharing=locked,uid=1,mode=0700',
  '--mount=type=tmpfs,target=/t,size=64m',
  '--mount=type=secret,id=s,required,env=S',
  '--mount=type=secret,"id=a,b",target=/s',
  '--mount=type=ssh',
  '--network=none',
  '--security=insecure',
  '--device=vendor.com/x=*,required',
);
const copyFlag = fc.constantFrom(
  '--chown=1:2',
  '--chmod=u=rwX,go=rX',
  '--chmod=0755',
  '--link',
  '--link=false',
  '--exclude=*.md',
  '--exclude=a\\ b',
);
const body = fc.constantFrom('', 'echo $V\n', '\tindented\n', '#!/bin/sh\necho\n', '# no comment\n\nx\\\n', 'FROM y\n');
const mark = fc.constantFrom('<<EOF', '<<-EOF', '<<"EOF"', "<<'EOF'");

function from(sign: Sign): Arbitrary<string> {
  const image = fc.oneof(fc.constantFrom('scratch', 'alpine:3', 'a/b@sha256:1', '0', 'base'), bare);
  const platform = fc.constantFrom('', '--platform=linux/arm64 ', '--platform=$BUILDPLATFORM ');
  const stage = fc.constantFrom('', ' AS base', ' as x.y-1');
  return fc
    .tuple(platform, image, stage, comment(sign))
    .map((parts) => `${parts[3]}FROM ${parts.slice(0, 3).join('')}`);
}

function arg(sign: Sign): Arbitrary<string> {
  const one = fc.tuple(name, fc.option(word(sign))).map(([key, value]) => (value === null ? key : `${key}=${value}`));
  return fc.array(one, { minLength: 1, maxLength: 2 }).map((list) => `ARG ${list.join(' ')}`);
}

function pairs(sign: Sign): Arbitrary<string> {
  const pair = fc.tuple(fc.oneof(name, quoted), word(sign)).map(([key, value]) => `${key}=${value}`);
  return fc.array(pair, { minLength: 1, maxLength: 3 }).map((list) => list.join(' '));
}

/** Everything that may be a trigger. */
function plain(sign: Sign): Arbitrary<string> {
  const copied = fc.oneof(words(sign, 2, 4), json(2));
  return fc.oneof(
    fc.tuple(flag(mount), command(sign)).map((parts) => `RUN ${parts.join('')}`),
    fc.tuple(flag(mount), mark, body).map(([flags, start, text]) => `RUN ${flags}${start}\n${text}EOF`),
    fc
      .tuple(flag(fc.oneof(copyFlag, fc.constantFrom('--from=b', '--parents'))), copied)
      .map((parts) => `COPY ${parts.join('')}`),
    fc.tuple(flag(copyFlag), mark, body).map(([flags, start, text]) => `COPY ${flags}a ${start} /d/\n${text}EOF`),
    fc
      .tuple(flag(fc.oneof(copyFlag, fc.constantFrom('--unpack', '--keep-git-dir=false'))), copied)
      .map((parts) => `ADD ${parts.join('')}`),
    pairs(sign).map((text) => `ENV ${text}`),
    fc.tuple(name, words(sign, 1)).map((parts) => `ENV ${parts.join(' ')}`),
    pairs(sign).map((text) => `LABEL ${text}`),
    arg(sign),
    command(sign).map((text) => `CMD ${text}`),
    command(sign).map((text) => `ENTRYPOINT ${text}`),
    json(1).map((text) => `SHELL ${text}`),
    fc.constantFrom('80', '80/tcp 90-92/udp', '$P', '[::]:1').map((text) => `EXPOSE ${text}`),
    fc.oneof(words(sign, 1), json(1)).map((text) => `VOLUME ${text}`),
    word(sign).map((text) => `WORKDIR ${text}`),
    word(sign).map((text) => `USER ${text}`),
    fc.constantFrom('SIGTERM', '9', '$S').map((text) => `STOPSIGNAL ${text}`),
    fc
      .tuple(fc.constantFrom('', '--interval=5m ', '--timeout=1.5s --retries=2 '), command(sign))
      .map((parts) => `HEALTHCHECK ${parts[0]}CMD ${parts[1]}`),
    fc.constantFrom('HEALTHCHECK NONE', 'run x', 'Cmd []'),
  );
}

function instruction(sign: Sign): Arbitrary<string> {
  return fc.oneof(
    { weight: 8, arbitrary: plain(sign) },
    plain(sign).map((text) => `ONBUILD ${text}`),
    words(sign, 1).map((text) => `MAINTAINER ${text}`),
  );
}

const comment = (_sign: Sign) => fc.constantFrom('', '', '', '# a note\n', '\n', '# check=skip=all\n');

/** An instruction with a comment above it, and with some of its blanks turned into continuations. */
function laidOut(sign: Sign): Arbitrary<string> {
  const breaks = fc.constantFrom(' ', ' ', ' ', '  ', '\t', ` ${sign}\n  `, ` ${sign}  \n# note\n`);
  return fc.tuple(comment(sign), instruction(sign), fc.array(breaks, { maxLength: 4 })).map(([above, text, gaps]) => {
    const [line, ...rest] = text.split('\n');
    let at = 0;
    const broken = line!.replace(/(?<=[^\\`\s]) (?=\S)/g, () => gaps[at++] ?? ' ');
    return above + [broken, ...rest].join('\n');
  });
}
