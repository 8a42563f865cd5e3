import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

/** The rules of the house (docs/architecture.md). A rule that is broken names every place. */
const test = suite('architecture');
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Which rooms a room may open. `errors`, `progress` and `oci` are words that everyone may use as listed. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  grammar: [],
  errors: [],
  limits: ['errors'],
  notation: [],
  oci: ['errors', 'limits'],
  progress: ['oci'],
  tar: ['errors', 'limits'],
  content: ['oci', 'errors', 'limits', 'progress', 'tar'],
  host: ['tar', 'content', 'errors'],
  http: ['errors', 'limits', 'progress'],
  compression: ['host', 'content', 'oci', 'errors', 'limits', 'progress'],
  layer: ['compression', 'host', 'tar', 'content', 'oci', 'errors', 'progress'],
  process: ['layer', 'content', 'host', 'oci', 'errors', 'progress'],
  instructions: ['grammar', 'notation'],
  format: ['grammar', 'instructions', 'errors'],
  editor: ['grammar', 'instructions', 'errors'],
  plan: ['instructions', 'notation', 'oci', 'errors'],
  lint: ['plan', 'instructions'],
  store: ['host', 'content', 'oci', 'errors', 'progress'],
  registry: ['http', 'content', 'oci', 'errors', 'progress'],
  snapshot: ['host', 'layer', 'content', 'tar', 'oci', 'errors', 'progress'],
  sandbox: ['process', 'host', 'tar', 'content', 'errors', 'progress', 'snapshot'],
  cache: ['host', 'oci', 'errors'],
  context: ['notation', 'http', 'host', 'errors', 'limits', 'oci', 'tar', 'content', 'progress'],
  executor: [
    'plan',
    'process',
    'layer',
    'host',
    'content',
    'tar',
    'oci',
    'errors',
    'progress',
    'snapshot',
    'sandbox',
    'cache',
    'context',
  ],
  importer: ['host', 'compression', 'content', 'tar', 'oci', 'errors', 'progress'],
  exporter: ['api', 'host', 'compression', 'layer', 'content', 'tar', 'oci', 'errors', 'progress'],
  api: ['instructions', 'plan', 'lint', 'oci'],
  'docker-syntax': ['api', 'notation', 'oci', 'errors'],
};
/** What lies below the engine, which may open all of it. Texts in Docker's syntax are read by doors. */
const BELOW_ENGINE = Object.keys(MAY_IMPORT).filter((room) => !['grammar', 'docker-syntax'].includes(room));
const RULES: Readonly<Record<string, readonly string[]>> = {
  ...MAY_IMPORT,
  engine: BELOW_ENGINE,
  'engine/state': ['engine', ...BELOW_ENGINE],
  'engine/images': ['engine/state', 'engine', ...BELOW_ENGINE],
  'engine/build': ['engine/images', 'engine/state', 'engine', ...BELOW_ENGINE],
  'engine/authoring': ['engine/build', 'engine/images', 'engine', ...BELOW_ENGINE],
  library: [
    'engine/build',
    'engine/images',
    'engine/state',
    'engine',
    'api',
    'progress',
    'lint',
    'format',
    'plan',
    'instructions',
    'oci',
  ],
  cli: [
    'engine/authoring',
    'engine/build',
    'engine/images',
    'engine/state',
    'engine',
    'api',
    'docker-syntax',
    'progress',
    'notation',
    'oci',
    'errors',
    'format',
    'editor',
    'lint',
  ],
};

const ONE_ROOM: Readonly<Record<string, string>> = {
  chevrotain: 'grammar',
  'tar-stream': 'src/tar',
  'fast-glob': 'src/context',
  'fastest-levenshtein': 'src/notation',
  undici: 'src/http',
  yargs: 'src/cli',
  ora: 'src/cli/render',
  yaml: 'src/lint',
  'vscode-languageserver': 'src/cli/lsp',
  'vscode-languageserver-textdocument': 'src/cli/lsp',
};

const PURE = ['grammar', 'notation', 'oci', 'errors', 'progress', 'instructions', 'format', 'editor', 'plan', 'lint'];
const IMPURE = /^node:(fs|child_process|net|http|https|http2|dgram|dns|tls|process|os|worker_threads|timers)/;

/** Which members of Node's `process` may be read where. What else there is to know comes with a call or in the configuration. */
const OF_PROCESS: readonly (readonly [place: string, members: readonly string[] | 'all'])[] = [
  ['src/cli/', 'all'],
  ['src/engine/config.ts', ['arch', 'env']],
  ['src/library/engine.ts', ['cwd']],
  ['src/host/owners/this-process.ts', ['arch', 'getegid', 'geteuid', 'kill', 'pid', 'versions']],
  ['src/host/calls/bind-foreign.ts', ['arch', 'getBuiltinModule', 'platform']],
];
const OF_PROCESS_MODULES = /^(node:)?(os|process|tty)$/;

interface Import {
  readonly file: string;
  readonly target: string;
}

const sources = [...filesBelow('src'), ...filesBelow('grammar')].filter((file) => !file.startsWith('grammar/tools/'));
const imports = sources.flatMap(importsOf);

test('rooms are opened downwards only', () => {
  const broken = imports.filter(({ file, target }) => {
    const [from, to] = [roomOf(file), roomOf(resolveTarget(file, target))];
    if (from === undefined || to === undefined || from === to) return false;
    return !(RULES[from] ?? []).includes(to);
  });
  assert.equal(broken.map(show), []);
});

/** The engine is a corridor: each verb is a door of its own, so that a command loads no other. */
test('rooms are entered by their index', () => {
  const broken = imports.filter(({ file, target }) => {
    const path = resolveTarget(file, target);
    const [from, to] = [roomOf(file), roomOf(path)];
    if (from === undefined || to === undefined || from === to) return false;
    return (
      !['errors', 'limits', 'progress', 'engine'].includes(to) &&
      !(['cli', 'library'].includes(from) && to.startsWith('engine/')) &&
      !/^(src\/[^/]+|src\/engine\/[^/]+|grammar)\/index\.ts$/.test(path) &&
      !isBackendCall(file)
    );
  });
  assert.equal(broken.map(show), []);
});

/** Imports of types count: files in a circle can only be understood together. A circle is shown by its imports. */
test('no files import each other in a circle', () => {
  assert.equal(circlesOf(imports).map(showCircle), []);
});

/** The executor's two kinds of work are rooms within it. */
test('copy and run of the executor are entered by their index, and copy knows nothing of run', () => {
  const roomIn = (path: string) => /^src\/executor\/(copy|run)\//.exec(path)?.[1];
  const broken = imports.filter(({ file, target }) => {
    const path = resolveTarget(file, target);
    const [from, to] = [roomIn(file), roomIn(path)];
    if (to === undefined || from === to) return false;
    return (from === 'copy' && to === 'run') || (file.startsWith('src/') && !path.endsWith('/index.ts'));
  });
  assert.equal(broken.map(show), []);
});

test('the contract is types alone', () => {
  const broken = sources.filter(
    (file) =>
      roomOf(file) === 'api' && /^(?!import type|export type|(export )?(type|interface) |[\s})]|$)/m.test(code(file)),
  );
  assert.equal(broken, []);
});

test('a port never imports its backends', () => {
  const ports = ['store', 'registry', 'snapshot', 'sandbox', 'cache', 'context'];
  const broken = imports.filter(({ file, target }) => {
    const room = ports.find((each) => file === `src/${each}/index.ts`);
    return room !== undefined && isImpureFile(resolveTarget(file, target));
  });
  assert.equal(broken.map(show), []);
});

test('what a build loads before it needs the network has nothing of http in it', () => {
  const entry = ['src/engine/build/build.ts', 'src/engine/images/pull.ts', 'src/engine/services.ts'];
  const loaded = new Set(entry);
  for (const file of loaded) for (const target of loadedBy(file)) loaded.add(resolveTarget(file, target));
  assert.ok(loaded.has('src/engine/context-services.ts'));
  assert.equal(
    [...loaded].filter(
      (file) => file.startsWith('src/http/') || file === 'src/registry/client.ts' || file === 'undici',
    ),
    [],
  );
});

test('each dependency has one room', () => {
  const broken = imports.filter(({ file, target }) => {
    const owner = ONE_ROOM[packageOf(target)];
    return owner !== undefined && !file.startsWith(`${owner}/`);
  });
  assert.equal(broken.map(show), []);
});

test('pure floors touch no disk, process or network', () => {
  const broken = imports.filter(({ file, target }) => PURE.includes(roomOf(file) ?? '') && IMPURE.test(target));
  assert.equal(broken.map(show), []);
});

test('only doors and the configuration know the process; facts of the machine are asked of host', () => {
  const broken = sources.flatMap((file) => {
    const allowed = OF_PROCESS.find(([place]) => file.startsWith(place))?.[1] ?? [];
    return processMembers(file).flatMap((member) =>
      allowed === 'all' || allowed.includes(member) ? [] : [`${file} asks process.${member}`],
    );
  });
  const modules = imports.filter(({ file, target }) => OF_PROCESS_MODULES.test(target) && !isDoorOrConfig(file));
  assert.equal([...broken, ...modules.map(show)], []);
});

test('the clock and the environment are read in two places', () => {
  const broken = sources.filter(
    (file) => !isDoorOrConfig(file) && /\bprocess\.env\b|\bDate\.now\(\)|new Date\(\)/.test(code(file)),
  );
  assert.equal(broken, []);
});

test('there is no attic', () => {
  const broken = sources.filter((file) => /(^|\/)(utils?|helpers?|common|misc|types)(\.ts|\/)/.test(file));
  assert.equal(broken, []);
});

test('every test file runs its tests', () => {
  const broken = filesBelow('test').filter((file) => file.endsWith('.test.ts') && !/\.run\(\)/.test(text(file)));
  assert.equal(broken, []);
});

test.run();

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function text(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** The text without comments. */
function code(file: string): string {
  return text(file).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
}

/** `process.x` and `= process`; a local name, as in `spec.process.cwd`, is another matter, and so is a member that Node has not. */
function processMembers(file: string): string[] {
  const whole = /=\s*process\s*;|globalThis\.process/.test(code(file)) ? ['(all of it)'] : [];
  const members = [...code(file).matchAll(/(?<![.\w/])process\??\.(\w+)/g)].map((match) => match[1] ?? '');
  return [...whole, ...members.filter((member) => member in process)];
}

function isDoorOrConfig(file: string): boolean {
  return file === 'src/engine/config.ts' || file.startsWith('src/cli/');
}

function importsOf(file: string): Import[] {
  const pattern = /(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+)'([^']+)'/g;
  return [...code(file).matchAll(pattern)].map((match) => ({ file, target: match[1] ?? '' }));
}

/** What is loaded together with a file: no types, and nothing that is imported when it is needed. */
function loadedBy(file: string): string[] {
  if (!sources.includes(file)) return [];
  const statements = code(file).matchAll(/^(?:import|export)\s(?!type\b)([^;]*?)from\s+'([^']+)'/gm);
  return [...statements].flatMap(([, names = '', target = '']) =>
    /^\s*\{(\s*type\s[^,}]+,?)+\s*\}\s*$/.test(names) ? [] : [target],
  );
}

function resolveTarget(file: string, target: string): string {
  if (target === '#grammar') return 'grammar/index.ts';
  return target.startsWith('.') ? relative(root, resolve(root, dirname(file), target)) : target;
}

/** `src/store/refs.ts` is in the room `store`, `src/engine/state/du.ts` in `engine/state`; `src/errors.ts` is a room by itself. */
function roomOf(path: string): string | undefined {
  if (path.startsWith('grammar/')) return 'grammar';
  const match = /^src\/(engine\/[^/.]+(?=\/)|[^/.]+)(?:\.ts$|\/)/.exec(path);
  return match?.[1] === 'index' ? undefined : match?.[1];
}

/** Strongly connected components of more than one file (Tarjan's algorithm). */
function circlesOf(edges: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { file, target } of edges) targets.set(file, [...(targets.get(file) ?? []), resolveTarget(file, target)]);
  const order = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];
  /** Returns the earliest file on the path that can be reached, as its place in the order of visits. */
  const visit = (file: string): number => {
    const place = order.size;
    order.set(file, place);
    path.push(file);
    let lowest = place;
    for (const target of targets.get(file) ?? []) {
      if (!order.has(target)) lowest = Math.min(lowest, visit(target));
      else if (path.includes(target)) lowest = Math.min(lowest, order.get(target) ?? place);
    }
    if (lowest === place) circles.push(path.splice(path.indexOf(file)));
    return lowest;
  };
  for (const file of targets.keys()) if (!order.has(file)) visit(file);
  return circles.filter((circle) => circle.length > 1).map((circle) => circle.sort());
}

function showCircle(circle: readonly string[]): string {
  const within = imports.filter(
    ({ file, target }) => circle.includes(file) && circle.includes(resolveTarget(file, target)),
  );
  return within.map(show).join(', ');
}

/** Backends have one caller. */
function isBackendCall(file: string): boolean {
  return file === 'src/engine/services.ts' || file === 'src/engine/context-services.ts';
}

function isImpureFile(path: string): boolean {
  return path.startsWith('src/') && importsOf(path).some(({ target }) => IMPURE.test(target));
}

function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}

function show({ file, target }: Import): string {
  return `${file} imports ${target}`;
}
