import { join } from 'node:path';
import type { OnResolveArgs, Plugin, PluginBuild } from 'esbuild';

/** What a build without surprises needs. */
const OFTEN = [
  'src/cli/commands/build.ts',
  'src/cli/render/plain.ts',
  'src/engine/build/build.ts',
  'src/engine/config.ts',
  'src/engine/services.ts',
];

const NAMESPACE = 'together';

/**
 * Puts OFTEN and what it imports into one chunk. esbuild makes a chunk of what the same dynamic imports reach, which would be
 * thirty files, a millisecond each; so each of those imports is made to reach all of OFTEN.
 */
export const together: Plugin = {
  name: NAMESPACE,
  setup(build) {
    build.onResolve({ filter: /^\./ }, (asked) => resolveTogether(build, asked));
    build.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({
      contents: [...OFTEN.map((file) => `import '${join(process.cwd(), file)}';`), `export * from '${path}';`].join(
        '\n',
      ),
      resolveDir: process.cwd(),
    }));
  },
};

async function resolveTogether(build: PluginBuild, { path, kind, importer, resolveDir, pluginData }: OnResolveArgs) {
  if (kind !== 'dynamic-import' || pluginData === NAMESPACE) return undefined;
  const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: NAMESPACE });
  return { ...found, namespace: NAMESPACE };
}
