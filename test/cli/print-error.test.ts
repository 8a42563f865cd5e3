import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT_CODE, exitCodeOf } from '../../src/cli/exit-code.ts';
import { formatWarnings } from '../../src/cli/text/diagnostics.ts';
import { createPaint } from '../../src/cli/text/paint.ts';
import { formatError } from '../../src/cli/text/print-error.ts';
import { type Finding, MkimageError } from '../../src/errors.ts';

const test = suite('print error');

const shows = (title: string, error: unknown, text: string) =>
  test(title, async () => assert.is(await formatError(error, createPaint(false), { debug: false }), text));

const POSITION = { line: 2, column: 5, offset: 10 };
const RANGE = { start: POSITION, end: { line: 2, column: 9, offset: 14 } };
const FILE = { name: 'docker/Dockerfile', text: 'FROM a\nRUN make \x1b[2Jit\nUSER b\n' };

shows(
  'shows message and hint',
  new MkimageError('not-found', 'remove `app`: no such image', { hint: '`mkimage images` lists them' }),
  'error: remove `app`: no such image\nhint: `mkimage images` lists them\n',
);

shows(
  'shows causes that say something new',
  new MkimageError('network', 'reach registry `r.example`', {
    cause: new Error('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:443') }),
  }),
  'error: reach registry `r.example`\n  because: fetch failed\n  because: connect ECONNREFUSED 127.0.0.1:443\n',
);

shows(
  'calls what the machine lacks no fault of the program',
  Object.assign(new Error("EMFILE: too many open files, open '/x'"), { code: 'EMFILE' }),
  "error: EMFILE: too many open files, open '/x'\nhint: allow more open files: `ulimit -n 1024`\n",
);

shows(
  'does not repeat a cause that the message quotes',
  new MkimageError('store', 'write `x`: ENOSPC', { cause: new Error('ENOSPC') }),
  'error: write `x`: ENOSPC\n',
);

shows(
  'does not repeat what the message says in better words',
  new MkimageError('usage', 'write `/nowhere/x.tar`: its directory does not exist', {
    cause: Object.assign(new Error("ENOENT: no such file or directory, open '/nowhere/.x.tar.7f'"), { code: 'ENOENT' }),
  }),
  'error: write `/nowhere/x.tar`: its directory does not exist\n',
);

shows(
  'shows where a base is named that cannot be resolved',
  new MkimageError('base-unavailable', 'cannot resolve 2 base images', {
    evidence: {
      file: { name: 'Dockerfile', text: 'FROM r.example/x\n' },
      diagnostics: [
        {
          severity: 'error',
          code: 'base-unavailable',
          message: 'r.example/x: reach `r.example`: refused',
          range: { start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 17, offset: 16 } },
        },
      ],
    },
  }),
  `Dockerfile:1:1: error: r.example/x: reach \`r.example\`: refused (base-unavailable)
1 | >>> FROM r.example/x
2 |

error: cannot resolve 2 base images
`,
);

shows(
  'shows the last lines of a failing step and where all of them are',
  new MkimageError('step-failed', 'process `/bin/sh -c make` did not complete successfully: exit code: 2', {
    place: { range: RANGE, step: 'RUN make' },
    evidence: {
      exitCode: 2,
      tail: ['cc a.c', '\x1b[31ma.c:1: oops\x1b[0m'],
      log: '/var/lib/mkimage/logs/7.log',
    },
  }),
  `------
 > RUN make:
cc a.c
a.c:1: oops
------
complete output: /var/lib/mkimage/logs/7.log

error: process \`/bin/sh -c make\` did not complete successfully: exit code: 2
`,
);

shows(
  'shows a failing step that wrote nothing',
  new MkimageError('step-failed', 'process `false` did not complete successfully: exit code: 1', {
    place: { range: RANGE, step: 'RUN false' },
    evidence: { tail: [] },
  }),
  'error: process `false` did not complete successfully: exit code: 1\n',
);

shows(
  'says of anything else that it is a fault of the program',
  new TypeError('x is not a function'),
  'error: internal error: x is not a function\nhint: this is a bug in mkimage; run the command again with `--debug` and report the output\n',
);

shows(
  'survives things that are no errors',
  'what',
  'error: internal error: what\nhint: this is a bug in mkimage; run the command again with `--debug` and report the output\n',
);

shows(
  'removes what would steer the terminal',
  new MkimageError('registry', 'pull: registry said `\x1b[2Jgone\x07`\nand more', { hint: '\x1b]0;x\x07ask' }),
  'error: pull: registry said `gone`\nand more\nhint: ask\n',
);

test('shows every fault of a build file with its place', async () => {
  const diagnostics: Finding[] = [
    {
      severity: 'error',
      code: 'unknown-instruction',
      message: 'unknown instruction `RUM`',
      hint: 'did you mean `RUN`?',
      range: RANGE,
    },
    { severity: 'warning', code: 'UndefinedVar', message: 'usage of undefined variable `$X`', range: RANGE },
  ];
  const error = new MkimageError('build-file', '`docker/Dockerfile` has an error', {
    evidence: { file: FILE, diagnostics },
  });
  const frame = '1 |     FROM a\n2 | >>> RUN make it\n  |         ^^^^\n3 |     USER b\n4 |';
  assert.is(
    await formatError(error, createPaint(false), { debug: false }),
    `docker/Dockerfile:2:5: error: unknown instruction \`RUM\` (unknown-instruction)
${frame}
hint: did you mean \`RUN\`?

docker/Dockerfile:2:5: warning: usage of undefined variable \`$X\` (UndefinedVar)
${frame}

error: \`docker/Dockerfile\` has an error
`,
  );
});

test('shows the place of a step that failed', async () => {
  const error = new MkimageError('step-failed', 'process `make` failed', {
    place: { step: 'RUN make', range: RANGE, file: FILE },
    evidence: { tail: ['oops'] },
  });
  const text = await formatError(error, createPaint(false), { debug: false });
  assert.is(
    text,
    `------
 > RUN make:
oops
------

docker/Dockerfile:2
1 |     FROM a
2 | >>> RUN make it
  |         ^^^^
3 |     USER b
4 |

error: process \`make\` failed
`,
  );
});

test('lists the warnings of a build with their places', async () => {
  const warning = { severity: 'warning', code: 'JSONArgsRecommended', message: 'use JSON', range: RANGE } as const;
  assert.is(await formatWarnings([], FILE, createPaint(false)), '');
  assert.is(
    await formatWarnings([warning], FILE, createPaint(false)),
    `
 1 warning found:
 - JSONArgsRecommended: use JSON (docker/Dockerfile:2)
   1 |     FROM a
   2 | >>> RUN make it
     |         ^^^^
   3 |     USER b
   4 |
`,
  );
});

test('shows stacks of the error and its causes for --debug', async () => {
  const error = new MkimageError('store', 'write', { cause: new Error('inner') });
  const text = await formatError(error, createPaint(false), { debug: true });
  assert.match(text, /\nMkimageError: write\n {4}at /);
  assert.match(text, /\nError: inner\n {4}at /);
});

test('colours the most important parts', async () => {
  const text = await formatError(new MkimageError('usage', 'no', { hint: 'yes' }), createPaint(true), { debug: false });
  assert.is(text, '\x1b[31merror:\x1b[0m no\n\x1b[36mhint:\x1b[0m yes\n');
});

test('tells scripts kinds of failure apart', () => {
  const codes = (
    ['usage', 'build-file', 'step-failed', 'source-missing', 'registry', 'network', 'cancelled', 'store'] as const
  ).map((code) => exitCodeOf(new MkimageError(code, 'x')));
  assert.equal(codes, [2, 3, 4, 4, 5, 5, 130, 1]);
  assert.is(exitCodeOf(new Error('x')), EXIT_CODE.internal);
});

test.run();
