import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { run, succeed } from '../support/mkimage.ts';
import { tempDir } from '../support/temp.ts';
import { packPackage, projectWithPackage } from './packed.ts';

/** What programs import, out of the packed package. */
const test = suite('the library');
const project = tempDir('library');
const COMPILER = {
  target: 'es2023',
  module: 'nodenext',
  strict: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  // Its declarations have to stand without anybody's looking away.
  skipLibCheck: false,
  types: ['node'],
  typeRoots: [resolve('node_modules/@types')],
};

interface Example {
  readonly name: string;
  readonly program: string;
  readonly prints: string;
}

/** Each block of TypeScript, with the block of text that follows it. */
function examplesIn(page: string): readonly Example[] {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(([, language, program = ''], index) => {
    const [, next, prints = ''] = blocks[index + 1] ?? [];
    if (language !== 'ts') return [];
    assert.is(next, 'text', `${page}: what this prints is missing:\n${program}`);
    return [{ name: `example-${index}`, program, prints }];
  });
}

let made: Promise<void> | undefined;

/** In the tests and not before them: what goes wrong here is to be read in the first of them. */
function makeProject(): Promise<void> {
  made ??= projectWithPackage(project).then(() => {
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER, include: ['*.ts'] }));
  });
  return made;
}

test('type-checks and prints what its page says, example for example', async () => {
  await makeProject();
  const examples = examplesIn('docs/library.md');
  assert.ok(examples.length >= 6);
  for (const { name, program } of examples) writeFileSync(join(project, `${name}.ts`), program);
  const compiled = await run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', project]);
  assert.is(compiled.code, 0, compiled.stdout);
  for (const { name, program, prints } of examples) {
    const { stdout, stderr } = await run(process.execPath, [join(project, `${name}.js`)], { cwd: '/' });
    assert.is(stderr, '', program);
    assert.is(stdout.trimEnd(), prints.trimEnd(), program);
  }
});

test('does not compile where a type is used wrongly', async () => {
  await makeProject();
  const file = join(project, 'wrong.mts');
  writeFileSync(
    file,
    "import { parseBuildFile } from 'mkimage/parser';\nparseBuildFile(1).instructions[0].kind = 'x';\n",
  );
  const args = [resolve('node_modules/typescript/bin/tsc'), '--noEmit', '--ignoreConfig', '--module', 'nodenext', file];
  const { code, stdout } = await run(process.execPath, args);
  assert.is.not(code, 0);
  assert.match(stdout, /TS2345/);
  assert.match(stdout, /TS2540|TS2532|TS2322/);
});

test('declares nothing that leads out of it', async () => {
  await makeProject();
  const folder = join(project, 'node_modules/mkimage/dist/lib');
  const files = readdirSync(folder).filter((name) => name.endsWith('.d.ts'));
  assert.ok(files.length >= 3);
  for (const name of files) {
    const text = readFileSync(join(folder, name), 'utf8');
    const sources = [...text.matchAll(/\bfrom '([^']+)'/g)].map(([, source = '']) => source);
    const outside = sources.filter((source) => !files.includes(source.replace(/^\.\/(.*)\.js$/, '$1.d.ts')));
    assert.equal(outside, name === 'index.d.ts' ? ['node:stream'] : [], name);
    assert.not.match(text, /#grammar|chevrotain|Cst[A-Z]|: any\b/, name);
  }
});

test('reads and writes nothing in its parser, checks and formatter', async () => {
  await makeProject();
  const folder = join(project, 'node_modules/mkimage/dist/lib');
  for (const name of ['parser.js', 'lint.js', 'format.js']) {
    const modules = importedBy(join(folder, name)).filter((source) => source.startsWith('node:'));
    assert.equal(
      modules.filter((module) => !['node:crypto', 'node:module', 'node:path'].includes(module)),
      [],
      name,
    );
  }
});

test('comes with the program and its documentation, and with nothing made for one machine', async () => {
  const names = (await succeed('tar', ['-tzf', await packPackage()])).split('\n');
  for (const name of [
    'dist/cli.js',
    'dist/licenses.txt',
    'dist/lib/parser.js',
    'dist/lib/parser.d.ts',
    'docs/library.md',
  ]) {
    assert.ok(names.includes(`package/${name}`), name);
  }
  assert.equal(
    names.filter((name) => /\.(bin|tgz)$|^package\/(src|test|tools)\//.test(name)),
    [],
  );
});

test.run();

/** All that a module and the chunks below it import. */
function importedBy(file: string): readonly string[] {
  const direct = [...readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?:[^'"]+ from )?["']([^"']+)["']/gm)];
  const sources = direct.map(([, source = '']) => source);
  return sources.flatMap((source) =>
    source.startsWith('.') ? [source, ...importedBy(join(dirname(file), source))] : [source],
  );
}
