import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BuildRequest, BuildResult } from '../../src/api/index.ts';
import { readArguments, toFlagValues } from '../../src/cli/arguments.ts';
import { BUILD_FLAGS } from '../../src/cli/build-flags/flags.ts';
import { createBuildRequest } from '../../src/cli/build-flags/request.ts';
import { askBuildFile } from '../../src/engine/authoring/ask-build-file.ts';
import { formatFile } from '../../src/engine/authoring/format-file.ts';
import { lint } from '../../src/engine/authoring/lint.ts';
import { listContext } from '../../src/engine/authoring/list-context.ts';
import { build } from '../../src/engine/build/build.ts';
import { openSecrets } from '../../src/engine/build/build-secrets.ts';
import type { Caller } from '../../src/engine/call.ts';
import { readConfig } from '../../src/engine/config.ts';
import { loadImages } from '../../src/engine/images/load.ts';
import { saveImages } from '../../src/engine/images/save.ts';
import { openServices, type Services } from '../../src/engine/services.ts';
import { callFrom } from '../support/engine-call.ts';
import { refuses } from '../support/rejects.ts';
import { tarOf } from '../support/tar-file.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('callers of the engine');
const root = tempDir('callers');
const DOCKERFILE = 'FROM scratch\nARG who\nLABEL who=$who\nCOPY file /\n';
let count = 0;

async function withServices<T>(work: (services: Services) => Promise<T>): Promise<T> {
  const config = readConfig({ MKIMAGE_ROOT: join(root, `store-${count++}`) });
  await using services = openServices({ ...config, now: () => '2024-06-01T00:00:00Z' });
  return work(services);
}

/** A directory with something to build. */
function place(name: string, files: Readonly<Record<string, string>> = {}): string {
  const directory = join(root, name);
  mkdirSync(directory, { recursive: true });
  for (const [file, text] of Object.entries({ Dockerfile: DOCKERFILE, file: name, ...files })) {
    writeFileSync(join(directory, file), text);
  }
  return directory;
}

function requestOf(args: readonly string[], env: Caller['env'] = {}): BuildRequest {
  const { flags, operands } = readArguments(args, BUILD_FLAGS);
  return createBuildRequest(toFlagValues(flags, BUILD_FLAGS), operands[0]!, env);
}

function buildNow(services: Services, args: readonly string[], caller: Partial<Caller>): Promise<BuildResult> {
  return build(services, requestOf(args, caller.env), callFrom(caller));
}

test('two builds at once in one process have each its own directory and environment', async () => {
  await withServices(async (services) => {
    const callers = ['one', 'two'].map((name) => ({ cwd: place(name), env: { who: name } }));
    const args = ['--build-arg=who', '-f', 'Dockerfile', '--output=type=tar,dest=out.tar', '--build-context=x=.', '.'];
    const results = await Promise.all(callers.map((caller) => buildNow(services, args, caller)));
    for (const [index, { cwd, env }] of callers.entries()) {
      assert.ok(readFileSync(join(cwd, 'out.tar'), 'latin1').includes(env.who));
      const config = JSON.parse(
        Buffer.from(services.store.readSmall({ ...results[index]!.target })).toString('utf8'),
      ).config;
      assert.is(JSON.parse(Buffer.from(services.store.readSmall(config)).toString('utf8')).config.Labels.who, env.who);
      assert.is(results[index]!.outputs[0]!.dest, 'out.tar');
    }
    assert.not.equal(results[0]!.id, results[1]!.id);
    assert.not(existsSync('out.tar'));
  });
});

test('context and output go through the streams that come with the call', async () => {
  await withServices(async (services) => {
    const archive = tarOf([
      { path: 'Dockerfile', bytes: DOCKERFILE },
      { path: 'file', bytes: 'of the stream' },
    ]);
    const stdout = new PassThrough();
    const written = buffer(stdout);
    const streams = { stdin: () => Readable.from([archive]), stdout: () => stdout };
    await buildNow(services, ['--output=type=tar,dest=-', '-'], streams);
    stdout.end();
    assert.ok((await written).includes('of the stream'));
  });
});

test('the build file may be the stream, and the context a directory', async () => {
  await withServices(async (services) => {
    const stdin = () => Readable.from([Buffer.from('FROM scratch\nCOPY file /other\n')]);
    const args = ['-f', '-', '--output=out', '.'];
    const cwd = place('piped');
    await buildNow(services, args, { cwd, stdin });
    assert.is(readFileSync(join(cwd, 'out/other'), 'utf8'), 'piped');
  });
});

test('a caller without streams gets an error that says so', async () => {
  await withServices(async (services) => {
    await refuses('usage', () => buildNow(services, ['-'], {}), /there is no standard input/);
    const cwd = place('silent');
    await refuses('usage', () => buildNow(services, ['-o', '-', '.'], { cwd }), /there is no standard output/);
  });
});

test('images are saved to one stream and loaded from another', async () => {
  const archive = new PassThrough();
  const bytes = buffer(archive);
  const id = await withServices(async (services) => {
    const { id: config } = await buildNow(services, ['-t', 'app', '.'], { cwd: place('saved') });
    await saveImages(services, { images: ['app'], dest: '-' }, callFrom({ stdout: () => archive }));
    archive.end();
    return config;
  });
  const stdin = Readable.from([await bytes]);
  await withServices(async (services) => {
    const loaded = await loadImages(services, { input: { kind: 'stdin' } }, callFrom({ stdin: () => stdin }));
    assert.equal(
      loaded.map((image) => [image.id, image.names]),
      [[id, ['docker.io/library/app:latest']]],
    );
  });
});

test('secrets are those of the caller', async () => {
  const cwd = place('secrets', { token: 'from a file' });
  const env = { TOKEN: 'from the caller' };
  const request = requestOf(['--secret=id=file,src=token', '--secret=id=TOKEN', '.'], env);
  const valueFor = async (caller: Partial<Caller>, id: string) => {
    const call = callFrom(caller);
    return Buffer.from((await openSecrets(request, call).secret(id, call))!).toString();
  };
  assert.is(await valueFor({ cwd, env }, 'file'), 'from a file');
  assert.is(await valueFor({ cwd, env }, 'TOKEN'), 'from the caller');
  assert.is(await valueFor({ cwd }, 'TOKEN'), '');
});

test('what is asked of build files and contexts begins in the directory of the caller', async () => {
  const cwd = place('asked', {
    Loose: 'from scratch\n',
    '.dockerignore': 'hidden\n',
    hidden: '',
    lint: 'ignored: [DL3006]\n',
  });
  const call = callFrom({ cwd });
  const formatted = await formatFile({ file: { kind: 'path', path: 'Loose' }, write: true }, call);
  assert.equal(formatted, { name: 'Loose', before: 'from scratch\n', after: 'FROM scratch\n' });
  assert.is(readFileSync(join(cwd, 'Loose'), 'utf8'), 'FROM scratch\n');
  await withServices(async (services) => {
    const { context, file, namedContexts } = requestOf(['-f', 'Loose', '.']);
    const listed = { context, file, namedContexts, name: '' };
    const verdicts = { kind: 'verdicts', paths: ['hidden'] } as const;
    const told = await listContext(services, { ...listed, ask: verdicts }, call);
    const by = { file: '.dockerignore', line: 1, pattern: 'hidden' };
    assert.equal(told.kind === 'verdicts' && told.verdicts.map((each) => 'by' in each && each.by), [by]);
    const build = requestOf(['.']);
    const answer = await askBuildFile(services, { question: 'targets', build }, call);
    assert.equal(answer.file, { name: 'Dockerfile', text: DOCKERFILE });
    const checked = await lint(services, { build, all: false, fix: false, config: 'lint' }, call);
    assert.is(checked.view?.noFail, false);
    const missing = { build, all: false, fix: false, config: 'none' };
    await refuses('usage', () => lint(services, missing, call), /read `none`: no such file/);
  });
});

for (const line of [
  '-t app -t team/app:2 .',
  '--build-arg who=x --label a=b --annotation k=v --target last -f Other .',
  '--platform linux/arm64 --add-host db:10.0.0.7 --ulimit nofile=1:2 --shm-size 1m --network none .',
  '--build-context more=sub --no-cache-filter last --pull=false -f Other .',
  '-o type=oci,dest=a.tar,compression=zstd,name=other -o out -o type=image,annotation.k=v .',
  '--secret id=s,src=file --ssh default=file --allow security.insecure --isolation crun --no-cache .',
]) {
  test(`a request that went through JSON builds the same: ${line}`, async () => {
    const cwd = place('json', { Other: 'FROM scratch\nCOPY file /x\nFROM scratch AS last\nCOPY --from=0 /x /y\n' });
    mkdirSync(join(cwd, 'sub'), { recursive: true });
    const request = requestOf(line.split(' '), {});
    const built = (asked: BuildRequest) => withServices((services) => build(services, asked, callFrom({ cwd })));
    const [first, second] = [await built(request), await built(JSON.parse(JSON.stringify(request)))];
    assert.equal(second, first);
    assert.equal(JSON.parse(JSON.stringify(first)).target, first.target);
  });
}

test.run();
