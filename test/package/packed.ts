import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { succeed } from '../support/mkimage.ts';
import { tempDir } from '../support/temp.ts';

let packed: Promise<string> | undefined;

/** The package as it would be published: path of its tarball. Declarations are made anew, `dist` is that of the last build. */
export function packPackage(): Promise<string> {
  packed ??= pack(tempDir('packed'));
  return packed;
}

async function pack(folder: string): Promise<string> {
  await succeed('npm', ['run', 'types']);
  const [{ filename }] = JSON.parse(
    await succeed('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]),
  );
  return join(folder, filename);
}

/** A project that has the package in its `node_modules`, and what it depends on as it lies in ours. */
export async function projectWithPackage(folder: string): Promise<void> {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'mkimage'), { recursive: true });
  await succeed('tar', ['-xzf', await packPackage(), '--strip-components=1', '-C', join(modules, 'mkimage')]);
  for (const name of ['@bokuweb', '@koromix', 'yaml']) {
    cpSync(join('node_modules', name), join(modules, name), { recursive: true });
  }
}
