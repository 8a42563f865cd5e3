// Bundles the command line (`npm run build [folder]`): `cli.js` starts `whole.cjs`, which is all of it and comes with V8's own
// form of it, or `main.mjs`, which loads the chunks that a verb needs.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const folder = process.argv[2] ?? 'dist';

/** What a build without surprises needs. */
const OFTEN = [
  'src/cli/commands/build.ts',
  'src/cli/render/plain.ts',
  'src/engine/build.ts',
  'src/engine/config.ts',
  'src/engine/services.ts',
];

/**
 * Puts OFTEN and what it imports into one chunk. esbuild makes a chunk of what the same dynamic imports reach, which would be
 * thirty files, a millisecond each; so each of those imports is made to reach all of OFTEN.
 */
const together = {
  name: 'together',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^\./ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === together) return undefined;
      return resolve(path, { kind, importer, resolveDir, pluginData: together }).then((found) => ({
        ...found,
        namespace: 'together',
      }));
    });
    onLoad({ filter: /./, namespace: 'together' }, ({ path }) => ({
      contents: [...OFTEN.map((file) => `import '${join(process.cwd(), file)}';`), `export * from '${path}';`].join(
        '\n',
      ),
      resolveDir: process.cwd(),
    }));
  },
};

/** Has the pages of checks in the place of what reads them: `docs/` need not lie beside the program. */
const rulePages = {
  name: 'rule-pages',
  setup({ onLoad }) {
    onLoad({ filter: /src\/cli\/rule-pages\.ts$/, namespace: 'file' }, () => {
      const names = readdirSync('docs/rules').filter((name) => name !== 'README.md');
      const pages = names.map((name) => [name.replace(/\.md$/, ''), readFileSync(join('docs/rules', name), 'utf8')]);
      const text = JSON.stringify(Object.fromEntries(pages));
      return { contents: `const pages = ${text};\nexport const readRulePages = () => pages;`, loader: 'js' };
    });
  },
};
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder).filter((name) => /^(chunks|(cli|main|whole)\..*)$/.test(name))) {
  rmSync(join(folder, name), { recursive: true });
}

const settings = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  // A native addon, and one that reads a .wasm file beside itself: both are loaded from node_modules, only where they are used.
  // So is what only a few files need that few people have.
  external: ['koffi', '@bokuweb/zstd-wasm', 'yaml'],
  // Saves 40 ms of every start; why, is said there.
  alias: { 'string-width': './src/cli/text-width.ts' },
};

await build({
  ...settings,
  entryPoints: { main: 'src/cli/main.ts' },
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  splitting: true,
  format: 'esm',
  plugins: [together, rulePages],
  // Dependencies that are CommonJS ask for `require`.
  banner: {
    js: [
      "import { createRequire as createRequireForBundle } from 'node:module';",
      'const require = createRequireForBundle(import.meta.url);',
    ].join('\n'),
  },
});

await build({
  ...settings,
  entryPoints: { whole: 'src/cli/main.ts' },
  outdir: folder,
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  plugins: [rulePages],
  charset: 'ascii',
  define: { 'import.meta.url': 'bundleUrl' },
  // A script that comes with its compiled form has no loader for these.
  supported: { 'dynamic-import': false },
  // A function of what a module has, see launch.ts.
  banner: {
    js: "(function (require, __filename) { const bundleUrl = require('node:url').pathToFileURL(__filename).href;",
  },
  footer: { js: '})' },
});

await build({
  ...settings,
  entryPoints: { cli: 'src/cli/launch.ts' },
  outdir: folder,
  format: 'cjs',
  define: { 'import.meta.dirname': '__dirname' },
});
writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
chmodSync(join(folder, 'cli.js'), 0o755);
keepCompiled();

/** Lets V8 compile the whole program by using it, and keeps what it made: of all that a cached build needs. */
function keepCompiled() {
  const scratch = mkdtempSync(join(tmpdir(), 'mkimage-bundle-'));
  try {
    writeFileSync(join(scratch, 'Dockerfile'), 'FROM scratch AS a\nCOPY Dockerfile /\nFROM a\nLABEL a=b\n');
    const archive = `type=oci,dest=${join(scratch, 'a.tar')}`;
    const env = { ...process.env, MKIMAGE_ROOT: join(scratch, 'store') };
    const use = () => {
      const args = [resolve(folder), 'build', '-t', 'a', '-o', archive, scratch];
      execFileSync(process.execPath, ['-e', `(${compileByUse})()`, ...args], {
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
    };
    // The second time everything is in the cache.
    use();
    use();
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Runs in a process of its own. */
function compileByUse() {
  const { readFileSync, writeFileSync } = require('node:fs');
  const { createRequire } = require('node:module');
  const { Script } = require('node:vm');
  const [node, folder, ...args] = process.argv;
  const program = `${folder}/whole.cjs`;
  const script = new Script(readFileSync(program, 'latin1'), { filename: program });
  process.argv = [node, `${folder}/cli.js`, ...args];
  process.on('exit', () => {
    writeFileSync(`${folder}/whole.${process.versions.v8}.${process.arch}.bin`, script.createCachedData());
  });
  script.runInThisContext()(createRequire(program), program);
}
