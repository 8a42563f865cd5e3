import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn, succeed } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

/** The whole road of the README: a Java base from Debian packages, a jar on it, and the service answers. */
const test = suite('a Java service');
const whole = withNeeds(test, { root: true, programs: ['mmdebstrap', 'javac', 'jar', 'umoci', 'skopeo', 'runc'] });
const root = tempDir('java');

whole('is built on a base of Debian packages and answers over HTTP in an independent runtime', async () => {
  const mkimage = mkimageIn(join(root, 'store'));
  await makeBase(mkimage);
  const app = await compile();
  const archive = join(root, 'app.tar');
  const built = await mkimage(['build', '-t', 'java-app', '-o', `type=oci,dest=${archive}`, app]);
  assert.is(built.code, 0, built.stderr);
  const again = await mkimage(['build', '-t', 'java-app', app]);
  assert.not.match(again.stderr, /not cached/);
  assert.match(await answerOf(archive), /^hello from java 17\n$/);
  await runPublished(mkimage);
});

test.run();

async function makeBase(mkimage: ReturnType<typeof mkimageIn>): Promise<void> {
  const base = join(root, 'base');
  cpSync('fixtures/java-app/base', base, { recursive: true });
  await succeed('mmdebstrap', ['--variant=minbase', '--quiet', 'bookworm', join(base, 'rootfs.tar')]);
  const { code, stderr } = await mkimage(['build', '-t', 'java-base', base]);
  assert.is(code, 0, stderr.slice(-3000));
}

/** In a container of our own: it answers on its published port, also after it was stopped and started. */
async function runPublished(mkimage: ReturnType<typeof mkimageIn>): Promise<void> {
  const must = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await mkimage(args);
    assert.is(code, 0, stderr);
    return stdout.trim();
  };
  await must('run', '-d', '--name', 'service', '-P', 'java-app');
  try {
    for (const _ of ['first', 'second']) {
      const place = await must('port', 'service', '8080');
      assert.is(await askOnceReady(`http://${place.replace('0.0.0.0', '127.0.0.1')}/`), 'hello from java 17\n');
      await must('stop', 'service');
      await must('start', 'service');
    }
  } finally {
    await must('rm', '-f', 'service');
  }
}

async function askOnceReady(url: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await (await fetch(url, { signal: AbortSignal.timeout(5000) })).text();
    } catch (error) {
      if (attempt === 300) throw error;
      await sleep(100);
    }
  }
}

/** The context with the jar in it. */
async function compile(): Promise<string> {
  const app = join(root, 'app');
  cpSync('fixtures/java-app', app, { recursive: true });
  rmSync(join(app, 'base'), { recursive: true });
  const classes = join(root, 'classes');
  mkdirSync(classes);
  await succeed('javac', ['--release', '17', '-d', classes, join(app, 'src/App.java')]);
  await succeed('jar', ['--create', '--file', join(app, 'app.jar'), '--main-class', 'App', '-C', classes, '.']);
  return app;
}

/** Unpacks the archive with umoci, starts it with runc, and asks it once it listens. */
async function answerOf(archive: string): Promise<string> {
  const layout = join(root, 'layout');
  const bundle = join(root, 'bundle');
  await succeed('skopeo', ['copy', '--insecure-policy', `oci-archive:${archive}`, `oci:${layout}:app`]);
  await succeed('umoci', ['unpack', '--image', `${layout}:app`, bundle]);
  const port = await freePort();
  adapt(join(bundle, 'config.json'), port);
  const runtime = programPath('runc') ?? 'runc';
  const state = ['--root', join(root, 'runc')];
  const service = spawn(runtime, [...state, 'run', '--bundle', bundle, 'java-app'], { stdio: 'inherit' });
  try {
    return await fetchWhenReady(`http://127.0.0.1:${port}/`);
  } finally {
    service.kill('SIGTERM');
    await succeed(runtime, [...state, 'delete', '--force', 'java-app']);
  }
}

/** The host's network and a port of our own; no limits that a test machine may not grant. */
function adapt(file: string, port: number): void {
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.process.terminal = false;
  config.process.env.push(`PORT=${port}`);
  delete config.process.rlimits;
  config.linux.namespaces = config.linux.namespaces.filter(({ type }: { type: string }) => type !== 'network');
  delete config.linux.resources;
  writeFileSync(file, JSON.stringify(config));
  assert.ok(existsSync(file));
}

async function fetchWhenReady(url: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (tries > 200) throw error;
      await sleep(100);
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((settle) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => settle(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
