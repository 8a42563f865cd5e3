/**
 * Writes `lib/*.d.ts` (`npm run types [folder]`, by default `dist`): of every entry of the library the declarations that can be
 * reached from it, and no others. The compiler declares file by file; rollup puts together what is exported.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { declarationOf, dropRemarks, findDeclarations } from './declarations.ts';
import { LIBRARY } from './library-entries.ts';

const library = join(process.argv[2] ?? 'dist', 'lib');
const declarations = mkdtempSync(join(tmpdir(), 'mkimage-types-'));
try {
  const project = ['--project', 'tools/bundle/tsconfig.types.json', '--outDir', declarations];
  execFileSync('node_modules/.bin/tsc', project, { stdio: 'inherit' });
  await bundleTypes();
} finally {
  rmSync(declarations, { recursive: true, force: true });
}

async function bundleTypes(): Promise<void> {
  const entries = Object.entries(LIBRARY).map(([name, file]) => [name, join(declarations, declarationOf(file))]);
  const bundle = await rollup({
    input: Object.fromEntries(entries),
    plugins: [findDeclarations(declarations), dts(), dropRemarks],
    // Packages are used by declarations of which nothing is left in the end.
    external: [/^[^./#]/],
    onwarn: ({ message }) => {
      throw new Error(message);
    },
  });
  mkdirSync(library, { recursive: true });
  for (const name of readdirSync(library).filter((name) => name.endsWith('.d.ts'))) rmSync(join(library, name));
  await bundle.write({
    dir: library,
    entryFileNames: '[name].d.ts',
    chunkFileNames: ({ name }) => `${name.replace(/\.d$/, '')}.d.ts`,
  });
}
