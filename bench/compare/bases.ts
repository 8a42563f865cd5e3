/** The base images, made by mkimage on the spot and kept as OCI layouts between runs. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { programPath } from '../../test/support/needs.ts';
import type { Base } from './base.ts';
import { createMkimageCommand } from './mkimage.ts';

export type BaseKind = 'busybox' | 'java';

/** The base out of `folder`, made first if it is not there. The Java base takes minutes and Debian's mirror. */
export function createBase(kind: BaseKind, folder: string): Base {
  const layout = join(folder, `${kind}-base`);
  const name = `bench-${kind}`;
  if (!existsSync(layout)) make(kind, name, layout);
  const readJson = (path: string) => JSON.parse(readFileSync(join(layout, path), 'utf8'));
  const manifest: string = readJson('index.json').manifests[0].digest;
  return { name, layout, manifest, config: readJson(join('blobs', manifest.replace(':', '/'))).config.digest };
}

function make(kind: BaseKind, name: string, layout: string): void {
  console.error(`making the ${kind} base in ${layout}`);
  const work = `${layout}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const context = join(work, 'context');
  if (kind === 'java') createJavaContext(context);
  else createBusyboxContext(context);
  const output = `type=oci,tar=false,dest=${join(work, 'layout')}`;
  const { words, env } = createMkimageCommand(join(work, 'root'), [
    'build',
    '--tag',
    name,
    '--output',
    output,
    context,
  ]);
  execFileSync(words[0]!, words.slice(1), { env: { ...process.env, ...env }, stdio: 'inherit' });
  renameSync(join(work, 'layout'), layout);
  rmSync(work, { recursive: true });
}

/** That of the Java service in `fixtures/`. */
function createJavaContext(context: string): void {
  cpSync(resolve(import.meta.dirname, '../../fixtures/java-app/base'), context, { recursive: true });
  const args = ['--variant=minbase', '--quiet', 'bookworm', join(context, 'rootfs.tar')];
  execFileSync('mmdebstrap', args, { stdio: 'inherit' });
}

/** With the directories that every real image has, so that nobody needs to make places for mounts. */
function createBusyboxContext(context: string): void {
  for (const name of ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp']) {
    mkdirSync(join(context, 'root', name), { recursive: true });
  }
  copyFileSync(programPath('busybox')!, join(context, 'root/bin/busybox'));
  writeFileSync(join(context, 'root/etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  for (const name of ['hosts', 'resolv.conf']) writeFileSync(join(context, 'root/etc', name), '');
  const lines = ['FROM scratch', 'COPY root /', 'RUN ["/bin/busybox", "--install", "-s", "/bin"]'];
  writeFileSync(join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
}
