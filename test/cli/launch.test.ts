import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CommandResult, run } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

/** The program lies in `dist` twice: whole, with what V8 made of it, and in chunks. */
const test = suite('the start of the program');
const asRoot = withNeeds(test, { root: true });

interface Program {
  readonly folder: string;
  /** A cache folder of its own, as `$XDG_CACHE_HOME`. */
  readonly cache: string;
  readonly run: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<CommandResult>;
}

const NOBODY = 65534;
const programs = tempDir('launch');
let copies = 0;
/** The compiled form of `dist` for the Node that runs the tests. */
let compiledName = '';

/** `npm run build` makes the compiled form for the Node that runs it, which may be another one. */
test.before(async () => {
  const { code, stderr } = await run(process.execPath, [resolve('dist/compile.js')], {
    env: { ...process.env } as Record<string, string>,
  });
  assert.is(code, 0, stderr);
  compiledName = compiledIn('dist').find((name) => name.includes(`.${process.version}.`)) ?? '';
});

/** A copy of the program, with its compiled form or without. */
function copyProgram({ compiled }: { readonly compiled: boolean }): Program {
  copies += 1;
  const root = join(programs, `${copies}`);
  mkdirSync(root);
  const [folder, cache] = [join(root, 'dist'), join(root, 'cache')];
  cpSync('dist', folder, { recursive: true });
  chmodSync(folder, 0o755);
  mkdirSync(cache, { mode: 0o700 });
  for (const name of compiledIn(folder)) if (!compiled || name !== compiledName) rmSync(join(folder, name));
  const own = { MKIMAGE_ROOT: join(root, 'store'), SOURCE_DATE_EPOCH: '1', XDG_CACHE_HOME: cache };
  return {
    folder,
    cache,
    run: (args, env) =>
      run(process.execPath, [join(folder, 'cli.js'), ...args], { env: { ...own, ...env }, cwd: resolve(root) }),
  };
}

/** Only what starts as a whole works then. */
function breakChunks({ folder }: Program): void {
  writeFileSync(join(folder, 'main.mjs'), 'console.log("chunks");');
}

async function startsWhole(program: Program): Promise<boolean> {
  const { stdout, stderr } = await program.run(['--version']);
  assert.is(stderr, '');
  assert.match(stdout, /^(chunks|mkimage \d+\.\d+\.\d+)\n$/);
  return stdout !== 'chunks\n';
}

function compiledIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.bin'));
}

/** The making has no end that anybody could wait for. */
async function untilMade(folder: string): Promise<void> {
  const isMade = () => lstatSync(folder, { throwIfNoEntry: false }) !== undefined && compiledIn(folder).length > 0;
  for (let waited = 0; !isMade(); waited += 50) {
    assert.ok(waited < 60_000, `there is no compiled form in ${folder}`);
    await wait(50);
  }
}

async function builds(program: Program): Promise<void> {
  const context = join(program.cache, 'context');
  mkdirSync(context, { recursive: true });
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
  const built = await program.run(['build', '-q', context]);
  assert.is(built.code, 0, built.stderr);
  assert.match(built.stdout, /^sha256:[0-9a-f]{64}\n$/);
  const faulty = await program.run(['biuld']);
  assert.is(faulty.code, 2);
  assert.match(faulty.stderr, /did you mean `build`/);
}

test('works as it was bundled', async () => {
  const program = copyProgram({ compiled: true });
  await builds(program);
  breakChunks(program);
  assert.ok(await startsWhole(program));
});

test('works from its chunks where nothing was compiled for this V8', async () => {
  const program = copyProgram({ compiled: false });
  rmSync(join(program.folder, 'whole.cjs'));
  await builds(program);
});

test('works with a torn and with a foreign compiled form', async () => {
  const program = copyProgram({ compiled: true });
  truncateSync(join(program.folder, compiledName), 300_000);
  await builds(program);
  writeFileSync(join(program.folder, compiledName), 'not made by V8');
  await builds(program);
});

test('has its compiled form made after the first run', async () => {
  const program = copyProgram({ compiled: false });
  await builds(program);
  await untilMade(program.folder);
  assert.equal(compiledIn(program.folder), [compiledName]);
  assert.is(statSync(join(program.folder, compiledName)).mode & 0o022, 0);
  breakChunks(program);
  assert.ok(await startsWhole(program));
});

test('does not have it made twice at the same time, nor under options of Node', async () => {
  const program = copyProgram({ compiled: false });
  assert.is((await program.run(['--version'], { NODE_OPTIONS: '--no-deprecation' })).code, 0);
  assert.not.ok(readdirSync(program.folder).includes(`${compiledName}.making`));
  writeFileSync(join(program.folder, `${compiledName}.making`), 'of another process');
  assert.is((await program.run(['--version'])).code, 0);
  assert.is(statSync(join(program.folder, `${compiledName}.making`)).size, 'of another process'.length);
});

asRoot('has it made in the cache folder, where the program is not ours', async () => {
  const program = copyProgram({ compiled: false });
  chownSync(program.folder, NOBODY, NOBODY);
  await builds(program);
  await untilMade(join(program.cache, 'mkimage'));
  assert.equal(compiledIn(program.folder), []);
  assert.is(statSync(join(program.cache, 'mkimage')).mode & 0o777, 0o700);
  breakChunks(program);
  assert.ok(await startsWhole(program));
});

asRoot('loads no compiled form that another user could have written', async () => {
  const program = copyProgram({ compiled: true });
  const file = join(program.folder, compiledName);
  breakChunks(program);
  assert.ok(await startsWhole(program));
  chmodSync(file, 0o666);
  assert.not.ok(await startsWhole(program), 'others may write to the file');
  chmodSync(file, 0o644);
  chownSync(file, NOBODY, NOBODY);
  assert.not.ok(await startsWhole(program), 'the file is of another user');
});

asRoot('loads nothing out of a cache folder that another user may write to', async () => {
  const program = copyProgram({ compiled: true });
  const folder = join(program.cache, 'mkimage');
  mkdirSync(folder, { mode: 0o700 });
  cpSync(join(program.folder, compiledName), join(folder, compiledName));
  rmSync(join(program.folder, compiledName));
  breakChunks(program);
  assert.ok(await startsWhole(program));
  chmodSync(folder, 0o777);
  assert.not.ok(await startsWhole(program), 'others may write to the folder');
  chmodSync(folder, 0o700);
  chownSync(program.cache, NOBODY, NOBODY);
  assert.not.ok(await startsWhole(program), 'the folder above is of another user');
});

test('says nothing where there is no place for a compiled form', async () => {
  const program = copyProgram({ compiled: false });
  chmodSync(program.folder, 0o777);
  const { code, stderr } = await program.run(['--version'], { XDG_CACHE_HOME: '/nonexistent', HOME: '' });
  assert.is(code, 0);
  assert.is(stderr, '');
  assert.equal(compiledIn(program.folder), []);
});

/** Processes that still make a form would write into folders that are being removed. Their marks are empty files. */
test.after(async () => {
  const isMaking = () =>
    readdirSync(programs, { recursive: true, encoding: 'utf8' }).some(
      (name) => name.endsWith('.making') && lstatSync(join(programs, name), { throwIfNoEntry: false })?.size === 0,
    );
  for (let waited = 0; isMaking() && waited < 15_000; waited += 100) await wait(100);
});

test.run();
