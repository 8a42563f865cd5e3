/** What code may know of the process, the machine and the packages around it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { code, imports, OUTSIDE, roomOf, show, sources } from './source-code.ts';

const test = suite('architecture: surroundings');

/** Every package that the source imports, and the one folder that does. */
const ONE_ROOM: Readonly<Record<string, string>> = {
  '@bokuweb/zstd-wasm': 'src/compression',
  'auth-header': 'src/registry',
  aws4fetch: 'src/cache',
  chevrotain: 'grammar',
  diff: 'src/format',
  'fast-glob': 'src/context/patterns',
  'fastest-levenshtein': 'src/notation',
  fzstd: 'src/compression',
  ora: 'src/cli/render',
  'p-limit': 'src/content',
  'smol-toml': 'src/registry/hosts',
  'seek-bzip': 'src/compression',
  undici: 'src/http',
  'vscode-languageserver': 'src/cli/lsp',
  'vscode-languageserver-textdocument': 'src/cli/lsp',
  'xz-decompress': 'src/compression',
  yaml: 'src/lint/hadolint',
  yargs: 'src/cli',
};

const PURE = ['grammar', 'notation', 'oci', 'errors', 'progress', 'instructions', 'format', 'editor', 'plan', 'lint'];

/** Which members of Node's `process` may be read where. What else there is to know comes with a call or in the configuration. */
const OF_PROCESS: readonly (readonly [place: string, members: readonly string[] | 'all'])[] = [
  ['src/cli/', 'all'],
  ['src/engine/config.ts', ['arch', 'env']],
  ['src/library/engine.ts', ['cwd']],
  ['src/host/owners/this-process.ts', ['arch', 'execPath', 'getegid', 'geteuid', 'kill', 'pid', 'versions']],
  ['src/host/calls/bind-foreign.ts', ['arch', 'getBuiltinModule', 'platform']],
];
const OF_PROCESS_MODULES = /^(node:)?(os|process|tty)$/;

const packages = imports.filter(({ target }) => !/^(src|grammar)\/|^node:|^package\.json$/.test(target));

test('each package has one room', () => {
  const broken = packages.filter(({ file, target }) => {
    const owner = ONE_ROOM[packageOf(target)];
    return owner === undefined || !file.startsWith(`${owner}/`);
  });
  assert.equal(broken.map(show), []);
});

test('no package is listed that nothing imports', () => {
  const used = new Set(packages.map(({ target }) => packageOf(target)));
  assert.equal(
    Object.keys(ONE_ROOM).filter((name) => !used.has(name)),
    [],
  );
});

test('pure floors touch no disk, process or network', () => {
  const broken = imports.filter(({ file, target }) => PURE.includes(roomOf(file) ?? '') && OUTSIDE.test(target));
  assert.equal(broken.map(show), []);
});

test('only doors and the configuration know the process; facts of the machine are asked of host', () => {
  const broken = sources.flatMap((file) => {
    const allowed = OF_PROCESS.find(([place]) => file.startsWith(place))?.[1] ?? [];
    return processMembers(file).flatMap((member) =>
      allowed === 'all' || allowed.includes(member) ? [] : [`${file} asks process.${member}`],
    );
  });
  const modules = imports.filter(
    ({ file, target }) =>
      OF_PROCESS_MODULES.test(target) && !isDoorOrConfig(file) && file !== 'src/host/calls/terminal.ts',
  );
  assert.equal([...broken, ...modules.map(show)], []);
});

test('the clock and the environment are read in two places', () => {
  const broken = sources.filter(
    (file) => !isDoorOrConfig(file) && /\bprocess\.env\b|\bDate\.now\(\)|new Date\(\)/.test(code(file)),
  );
  assert.equal(broken, []);
});

test.run();

/** `process.x` and `= process`; a local name, as in `spec.process.cwd`, is another matter, and so is a member that Node has not. */
function processMembers(file: string): string[] {
  const whole = /=\s*process\s*;|globalThis\.process/.test(code(file)) ? ['(all of it)'] : [];
  const members = [...code(file).matchAll(/(?<![.\w/])process\??\.(\w+)/g)].map((match) => match[1] ?? '');
  return [...whole, ...members.filter((member) => member in process)];
}

function isDoorOrConfig(file: string): boolean {
  return file === 'src/engine/config.ts' || file.startsWith('src/cli/');
}

function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}
