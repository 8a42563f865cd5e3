import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AskedProcess,
  containerProcess,
  DEFAULT_PATH,
  healthcheckArgv,
  shellArgv,
} from '../../src/process/index.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('what is asked of a container');

const PLAIN: AskedProcess = {
  entrypoint: undefined,
  command: [],
  env: [],
  hostname: 'box',
  tty: false,
  user: undefined,
  groups: [],
  workdir: undefined,
  ulimits: [],
  shmSize: undefined,
};

/** ENTRYPOINT and CMD of the image, what is asked for, and what is executed; words are separated by spaces. */
function executes(
  [Entrypoint, Cmd]: readonly [string | undefined, string | undefined],
  asked: Pick<AskedProcess, 'entrypoint'> & { readonly command?: readonly string[] },
  expected: string,
): void {
  const words = (text: string | undefined) => (text === undefined ? {} : text.split(' '));
  const config = {
    ...(Entrypoint === undefined ? {} : { Entrypoint: words(Entrypoint) as string[] }),
    ...(Cmd === undefined ? {} : { Cmd: words(Cmd) as string[] }),
  };
  test(`${Entrypoint ?? '-'} | ${Cmd ?? '-'} with ${JSON.stringify(asked)} executes ${expected}`, () => {
    assert.is(containerProcess(config, { ...PLAIN, ...asked }).args.join(' '), expected);
  });
}
executes([undefined, 'sh -i'], { entrypoint: undefined }, 'sh -i');
executes(['init', 'sh'], { entrypoint: undefined }, 'init sh');
executes(['init', undefined], { entrypoint: undefined }, 'init');
executes(['init', 'sh'], { entrypoint: undefined, command: ['ls', '/'] }, 'init ls /');
executes(['init', 'sh'], { entrypoint: ['other'] }, 'other');
executes(['init', 'sh'], { entrypoint: ['other'], command: ['x'] }, 'other x');
executes(['init', 'sh'], { entrypoint: [''], command: ['ls'] }, 'ls');
executes(['init', 'sh'], { entrypoint: [] }, 'sh');

test('an image without a command needs one to be named', async () => {
  const { hint } = await refuses('usage', () => containerProcess({}, PLAIN), /no command is specified/);
  assert.match(hint ?? '', /name a program/);
  await refuses('usage', () => containerProcess({ Entrypoint: ['a'], Cmd: ['b'] }, { ...PLAIN, entrypoint: [''] }));
});

test('PATH, HOSTNAME and TERM come first, then what is asked for, then what the image says', () => {
  const { env } = containerProcess(
    { Cmd: ['x'], Env: ['LANG=C', 'MODE=image'] },
    { ...PLAIN, env: ['MODE=asked', 'A=1'], tty: true },
  );
  assert.equal(env, [`PATH=${DEFAULT_PATH}`, 'HOSTNAME=box', 'TERM=xterm', 'MODE=asked', 'A=1', 'LANG=C']);
});

test("the image's PATH takes the place of the default, and what is asked for that of the image's", () => {
  const image = { Cmd: ['x'], Env: ['PATH=/image'] };
  assert.is(containerProcess(image, PLAIN).env[0], 'PATH=/image');
  assert.is(containerProcess(image, { ...PLAIN, env: ['PATH=/asked'] }).env[0], 'PATH=/asked');
});

test('a variable without a value is taken away, and one with an empty value is not', () => {
  const { env } = containerProcess({ Cmd: ['x'], Env: ['A=1', 'B=2'] }, { ...PLAIN, env: ['A', 'B=', 'HOSTNAME'] });
  assert.equal(env, [`PATH=${DEFAULT_PATH}`, 'B=']);
});

test('without a terminal there is no TERM', () => {
  assert.not(containerProcess({ Cmd: ['x'] }, PLAIN).env.some((pair) => pair.startsWith('TERM=')));
});

for (const [image, asked, expected] of [
  [undefined, undefined, '/'],
  ['', undefined, '/'],
  ['/srv/', undefined, '/srv'],
  ['srv/../app', undefined, '/app'],
  ['../../etc', undefined, '/etc'],
  ['/srv', '/tmp//x/./y/..', '/tmp/x'],
  ['/srv', '', '/srv'],
] as const) {
  test(`WORKDIR ${image} with \`${asked}\` asked for is ${expected}`, () => {
    const config = { Cmd: ['x'], ...(image === undefined ? {} : { WorkingDir: image }) };
    assert.is(containerProcess(config, { ...PLAIN, workdir: asked }).workdir, expected);
  });
}

test('a working directory that is asked for has to be absolute', async () => {
  const ask = () => containerProcess({ Cmd: ['x'] }, { ...PLAIN, workdir: 'srv' });
  assert.is((await refuses('usage', ask, /`srv`: the path is not absolute/)).hint, 'write `/srv`');
});

test('user, groups and limits are those that are asked for, else those of the image and the defaults', () => {
  const image = { Cmd: ['x'], User: 'app' };
  const plain = containerProcess(image, PLAIN);
  assert.equal([plain.user, plain.groups, plain.shmSize], ['app', [], 64 << 20]);
  const ulimits = [{ name: 'nofile', soft: 5, hard: 5 }];
  const asked = containerProcess(image, { ...PLAIN, user: '7:8', groups: ['audio'], ulimits, shmSize: 4096 });
  assert.equal([asked.user, asked.groups, asked.ulimits, asked.shmSize], ['7:8', ['audio'], ulimits, 4096]);
  assert.is(containerProcess({ Cmd: ['x'] }, PLAIN).user, '');
});

test('a text in shell form is the last word of the shell', () => {
  assert.equal(shellArgv('echo "a b"'), ['/bin/sh', '-c', 'echo "a b"']);
  assert.equal(shellArgv('x', ['/bin/bash', '-ec']), ['/bin/bash', '-ec', 'x']);
  assert.equal(shellArgv('x', []), ['/bin/sh', '-c', 'x']);
});

test('a health check is words, a text for the shell, or none', () => {
  assert.equal(healthcheckArgv(['CMD', 'curl', '-f'], undefined), ['curl', '-f']);
  assert.equal(healthcheckArgv(['CMD-SHELL', 'true || false'], ['/bin/ash', '-c']), [
    '/bin/ash',
    '-c',
    'true || false',
  ]);
  for (const none of [['NONE'], [], ['CMD']]) assert.is(healthcheckArgv(none, undefined), undefined);
});

test.run();
