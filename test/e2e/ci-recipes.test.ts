/** The files of docs/ci: their scripts run here with the variables that each service sets, against a real registry. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, parseAllDocuments } from 'yaml';
import { servedRepositories } from '../support/git-server.ts';
import { run, succeed } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry } from '../support/registry.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('recipes for CI services');
const needing = (...programs: readonly string[]) => withNeeds(test, { programs: [REGISTRY_PROGRAM, ...programs] });
const root = tempDir('ci-recipes');
chmodSync(root, 0o755);
const recipes = join(process.cwd(), 'docs/ci');

const context = join(root, 'context');
mkdirSync(context);
writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nARG NAME=none\nLABEL name=$NAME\nCOPY file /file\n');
writeFileSync(join(context, 'file'), 'content\n');

/** A folder with the command mkimage, and nothing else. */
const bin = join(root, 'bin');
mkdirSync(bin);
const program = `#!/bin/sh\nexec "${process.execPath}" "${join(process.cwd(), 'dist/cli.js')}" "$@"\n`;
writeFileSync(join(bin, 'mkimage'), program, { mode: 0o755 });

type Variables = Readonly<Record<string, string>>;

/** What recipes have in common: the PATH, and a machine of its own. */
function machineOf(name: string): Variables {
  const home = join(root, name);
  mkdirSync(home, { recursive: true });
  return { PATH: `${bin}:${process.env.PATH}`, HOME: home, MKIMAGE_ROOT: join(home, 'root'), DOCKER_CONFIG: home };
}

const shell = (script: string, env: Variables, cwd = context) =>
  succeed('bash', ['-euo', 'pipefail', '-c', script], { env, cwd });
const recipeOf = (path: string) => parse(readFileSync(join(recipes, path), 'utf8'));
const inspect = async (name: string, ...flags: readonly string[]) =>
  JSON.parse(await succeed('skopeo', ['inspect', '--tls-verify=false', ...flags, `docker://${name}`]));

/** Every input of docker/build-push-action 6. */
const INPUTS =
  `add-hosts allow annotations attests build-args build-contexts builder cache-from cache-to call cgroup-parent context file
  github-token labels load network no-cache no-cache-filters outputs platforms provenance pull push sbom secret-envs secret-files secrets
  shm-size ssh tags target ulimit`.split(/\s+/);

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly steps: readonly { readonly id?: string; readonly run?: string }[] };
}

/** Runs the shell parts of an action as a runner would. */
async function act(path: string, inputs: Variables, env: Variables): Promise<Map<string, string>> {
  const action: Action = recipeOf(`${path}/action.yml`);
  const defaults = Object.entries(action.inputs ?? {}).map(([name, { default: value = '' }]) => [
    name,
    value.replace(/\$\{\{.*\}\}/, ''),
  ]);
  const [output, paths] = [join(env.HOME!, 'output'), join(env.HOME!, 'paths')];
  for (const file of [output, paths]) writeFileSync(file, '');
  const runner = {
    GITHUB_OUTPUT: output,
    GITHUB_PATH: paths,
    GITHUB_ACTION_PATH: join(recipes, path),
    RUNNER_TEMP: env.HOME!,
  };
  const all = { ...env, ...runner, INPUTS: JSON.stringify({ ...Object.fromEntries(defaults), ...inputs }) };
  for (const step of action.runs.steps) if (step.run !== undefined) await shell(step.run, all);
  const written = readFileSync(output, 'utf8').matchAll(/^(\w+)<<(.+)\n([\s\S]*?)\n\2$/gm);
  return new Map([
    ...[...written].map(([, name, , value]) => [name!, value!] as const),
    ['PATHS', readFileSync(paths, 'utf8')],
  ]);
}

test('the GitHub action has the inputs and outputs of docker/build-push-action', () => {
  const action: Action = recipeOf('github/action.yml');
  assert.equal(
    INPUTS.filter((name) => action.inputs[name] === undefined),
    [],
  );
  assert.equal(Object.keys(action.outputs), ['imageid', 'digest', 'metadata']);
  const ids = action.runs.steps.map(({ id }) => id);
  for (const { value } of Object.values(action.outputs)) assert.ok(ids.includes(/steps\.(\w+)\./.exec(value)?.[1]));
});

needing('skopeo')('the GitHub action builds, pushes and gives the digest', async () => {
  await using registry = await startRegistry();
  const name = `${registry.host}/team/app`;
  const outputs = await act(
    'github',
    {
      context: '.',
      push: 'true',
      tags: `${name}:1,${name}:2\n${name}:3`,
      labels: 'one=1\n# comment\ntwo=a,b',
      'build-args': 'NAME=from the action\n',
      'cache-to': `type=registry,ref=${name}:cache,mode=max`,
      provenance: 'true',
    },
    machineOf('github'),
  );
  const found = await inspect(`${name}:3`);
  assert.equal(found.Labels, { name: 'from the action', one: '1', two: 'a,b' });
  assert.is(outputs.get('digest'), found.Digest);
  assert.match(outputs.get('imageid')!, /^sha256:[0-9a-f]{64}$/);
  assert.is(JSON.parse(outputs.get('metadata')!)['containerimage.digest'], found.Digest);
});

withNeeds(test, { root: true, programs: ['busybox'] })('the GitHub action keeps secrets out of arguments', async () => {
  const folder = join(root, 'secret-context');
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'bin/busybox'), readFileSync('/bin/busybox'), { mode: 0o755 });
  symlinkSync('busybox', join(folder, 'bin/sh'));
  const mounts = ['one', 'two', 'env'].map((id) => `--mount=type=secret,id=${id}`).join(' ');
  const command = 'for id in one two env; do /bin/busybox cat /run/secrets/$id; echo; done >/seen';
  writeFileSync(join(folder, 'Dockerfile'), `FROM scratch\nCOPY bin /bin\nRUN ${mounts} ${command}\n`);
  const out = join(root, 'secrets.tar');
  const inputs = {
    context: folder,
    secrets: 'one=first\n"two=line ""1""\nline 2"\n',
    'secret-envs': 'env=FROM_ENV',
    outputs: `type=tar,dest=${out}`,
  };
  const logged = join(root, 'arguments');
  const env = machineOf('github-secrets');
  const spy = join(root, 'spy');
  mkdirSync(spy);
  writeFileSync(join(spy, 'mkimage'), `#!/bin/sh\nprintf '%s\\n' "$@" >${logged}\nexec ${bin}/mkimage "$@"\n`, {
    mode: 0o755,
  });
  await act('github', inputs, { ...env, PATH: `${spy}:${env.PATH}`, FROM_ENV: 'third' });
  assert.is(await succeed('tar', ['-xOf', out, 'seen']), 'first\nline "1"\nline 2\nthird\n');
  assert.not.match(readFileSync(logged, 'utf8'), /first|line|third/);
});

test('the GitHub set-up puts mkimage on the PATH of later steps', async () => {
  const env = machineOf('github-setup');
  const outputs = await act('github/setup', {}, { ...env, PATH: process.env.PATH! });
  const path = outputs.get('PATHS')!.trim();
  assert.match(await shell('mkimage --version', { ...env, PATH: `${path}:${process.env.PATH}` }), /\d+\.\d+/);
});

needing('skopeo')('the GitHub workflow makes one image of parts', async () => {
  await using registry = await startRegistry();
  const { jobs } = recipeOf('github/workflow.yml');
  const env = { GITHUB_SHA: 'abc', IMAGE: `${registry.host}/app` };
  const runs = (job: { readonly steps: readonly { readonly name?: string; readonly run?: string }[] }) =>
    job.steps.filter(({ name, run }) => run !== undefined && name !== 'log in').map((step) => step.run!);
  for (const { platform } of jobs.part.strategy.matrix.include)
    for (const script of runs(jobs.part))
      await shell(script, { ...machineOf(`part-${platform}`), ...env, PLATFORM: platform });
  for (const script of runs(jobs.image)) await shell(script, { ...machineOf('join'), ...env });
  const { manifests } = await inspect(`${env.IMAGE}:abc`, '--raw');
  assert.is(manifests.length, 2);
});

needing('htpasswd', 'skopeo')('the GitLab pipeline logs in, builds on each machine and joins', async () => {
  await using registry = await startRegistry({
    htpasswd: execFileSync(programPath('htpasswd')!, ['-nbB', 'ci', 'password'], { encoding: 'utf8' }),
  });
  const { stages, default: common, ...jobs } = recipeOf('gitlab/.gitlab-ci.yml');
  assert.is(common.image, '$MKIMAGE_IMAGE');
  for (const { stage } of Object.values(jobs) as readonly { stage: string }[]) assert.ok(stages.includes(stage));
  const env = {
    ...{ CI_REGISTRY: registry.host, CI_REGISTRY_USER: 'ci', CI_REGISTRY_PASSWORD: 'password', CI_COMMIT_SHA: 'abc' },
    ...{ CI_REGISTRY_IMAGE: `${registry.host}/group/app`, CI_PROJECT_DIR: context },
  };
  const execute = (script: readonly string[], more: Variables) => shell(script.join('\n'), { ...env, ...more });
  await execute(jobs.lint.script, machineOf('gitlab-lint'));
  assert.ok(Array.isArray(JSON.parse(readFileSync(join(context, 'gl-code-quality-report.json'), 'utf8'))));
  for (const ARCH of jobs.build.parallel.matrix[0].ARCH)
    await execute(jobs.build.script, { ...machineOf(`gitlab-${ARCH}`), ARCH });
  await execute(jobs.join.script, machineOf('gitlab-join'));
  const { manifests } = await inspect(`${registry.host}/group/app:abc`, '--raw', '--creds', 'ci:password');
  assert.is(manifests.length, 2);
});

needing('skopeo')('the Tekton task pushes and writes its results', async () => {
  await using registry = await startRegistry();
  const { spec } = recipeOf('tekton/task.yaml');
  const [step] = spec.steps;
  assert.equal(
    spec.results.map(({ name }: { name: string }) => name),
    ['IMAGE_DIGEST', 'IMAGE_URL'],
  );
  assertRestricted(step.securityContext);
  const machine = machineOf('tekton');
  const values: Variables = {
    ...{ 'params.IMAGE': `${registry.host}/app:1`, 'params.DOCKERFILE': 'Dockerfile', 'params.CONTEXT': '.' },
    ...{ 'params.CACHE': `${registry.host}/cache`, 'workspaces.dockerconfig.path': machine.HOME! },
    ...{
      'results.IMAGE_DIGEST.path': join(machine.HOME!, 'digest'),
      'results.IMAGE_URL.path': join(machine.HOME!, 'url'),
    },
  };
  const fill = (text: string) =>
    text.replace(/\$\(([\w.]+)\)/g, (_, name: string) => values[name] ?? `unknown ${name}`);
  const env = Object.fromEntries(
    step.env.map(({ name, value }: { name: string; value: string }) => [name, fill(value)]),
  );
  const script = join(machine.HOME!, 'script');
  writeFileSync(script, fill(step.script), { mode: 0o755 });
  await succeed(script, ['--label', 'extra=yes'], {
    env: { ...machine, ...env, MKIMAGE_ROOT: machine.MKIMAGE_ROOT! },
    cwd: context,
  });
  const found = await inspect(`${registry.host}/app:1`);
  assert.is(found.Labels.extra, 'yes');
  assert.is(readFileSync(join(machine.HOME!, 'digest'), 'utf8'), found.Digest);
  assert.is(readFileSync(join(machine.HOME!, 'url'), 'utf8'), `${registry.host}/app:1`);
});

interface Security {
  readonly allowPrivilegeEscalation?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly seccompProfile?: { readonly type: string };
  readonly privileged?: boolean;
}

/** The rules of the Pod Security Standard `restricted` for a container. */
function assertRestricted({
  allowPrivilegeEscalation,
  capabilities,
  runAsNonRoot,
  runAsUser,
  seccompProfile,
  privileged,
}: Security): void {
  assert.is(allowPrivilegeEscalation, false);
  assert.equal(capabilities, { drop: ['ALL'] });
  assert.is(runAsNonRoot, true);
  assert.ok(runAsUser !== undefined && runAsUser > 0);
  assert.is(seccompProfile?.type, 'RuntimeDefault');
  assert.is(privileged, undefined);
}

/** The command of a job, with a repository and a registry of this machine in place of those of the example. */
async function commandOf(path: string, { base, host }: { readonly base: string; readonly host: string }) {
  const documents = parseAllDocuments(readFileSync(join(recipes, path), 'utf8')).map((each) => each.toJS());
  const pod = documents.find(({ kind }) => kind === 'Job').spec.template.spec;
  const [container] = pod.containers;
  const args: readonly string[] = [...container.command, ...container.args].map((arg: string) =>
    arg.replace('https://git.example.com', base).replaceAll('registry.example.com', host),
  );
  return { documents, pod, container, args };
}

/** A repository with a step that runs a program. */
function makeRepository(): string {
  const repository = join(root, 'served/app.git');
  mkdirSync(join(repository, 'bin'), { recursive: true });
  writeFileSync(join(repository, 'bin/busybox'), readFileSync('/bin/busybox'), { mode: 0o755 });
  symlinkSync('busybox', join(repository, 'bin/sh'));
  const lines = [
    'FROM scratch',
    'COPY bin /bin',
    'RUN --mount=type=cache,id=c,target=/c /bin/busybox id -u >/uid && echo x >/c/x',
    '',
  ];
  writeFileSync(join(repository, 'Dockerfile'), lines.join('\n'));
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { stdio: 'pipe' });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message=x');
  return join(root, 'served');
}

let served: string | undefined;
const asRoot = (...programs: readonly string[]) =>
  withNeeds(test, { root: true, programs: [REGISTRY_PROGRAM, 'busybox', 'git', 'skopeo', ...programs] });

asRoot('setpriv')('the Kubernetes job is restricted, and builds as a user without any privilege', async () => {
  await using registry = await startRegistry();
  served ??= makeRepository();
  await servedRepositories(served, async (base) => {
    const { documents, pod, container, args } = await commandOf('kubernetes/job.yaml', { base, host: registry.host });
    assert.is(documents[0].metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted');
    assertRestricted({ ...pod.securityContext, ...container.securityContext });
    assert.ok(pod.volumes.every((volume: object) => 'emptyDir' in volume || 'secret' in volume));
    const nothing = [
      '--reuid=1000',
      '--regid=1000',
      '--clear-groups',
      '--no-new-privs',
      '--bounding-set=-all',
      '--inh-caps=-all',
    ];
    const { stderr, code } = await asUser(['setpriv', ...nothing, ...args], 'kubernetes');
    assert.is(code, 0, stderr);
    assert.match((await inspect(`${registry.host}/app:1`)).Digest, /^sha256:/);
  });
});

asRoot('unshare', 'nsenter')('the Kubernetes job with a user namespace builds as its root', async () => {
  await using registry = await startRegistry();
  served ??= makeRepository();
  await servedRepositories(served, async (base) => {
    const { pod, container, args } = await commandOf('kubernetes/job-user-namespace.yaml', {
      base,
      host: registry.host,
    });
    assert.is(pod.hostUsers, false);
    assert.is(container.securityContext.runAsUser, 0);
    assert.is(container.securityContext.privileged, undefined);
    const { stderr, code } = await asUser(['bash', '-c', IN_NAMESPACE, 'bash', ...args], 'kubernetes-userns', 200000);
    assert.is(code, 0, stderr);
    assert.match((await inspect(`${registry.host}/app:1`)).Digest, /^sha256:/);
  });
});

/** What a kubelet does: root of the namespace is an ordinary user outside. */
const IN_NAMESPACE = `
unshare --user sleep 120 & holder=$!
trap 'kill $holder' EXIT
for try in $(seq 200); do
  [ "$(readlink /proc/$holder/ns/user)" = "$(readlink /proc/self/ns/user)" ] || break
  sleep 0.05
done
echo 0 200000 65536 >/proc/$holder/uid_map
echo 0 200000 65536 >/proc/$holder/gid_map
nsenter --target $holder --user --setuid 0 --setgid 0 unshare --mount -- "$@"
`;

/** Runs a command with folders of that user, and with a copy of the program that everybody may read. */
async function asUser([command = '', ...args]: readonly string[], name: string, uid = 1000) {
  const env = machineOf(name);
  await succeed('cp', ['-rL', 'dist', 'package.json', env.HOME!]);
  for (const part of ['@koromix', '@bokuweb']) {
    mkdirSync(join(env.HOME!, 'node_modules'), { recursive: true });
    await succeed('cp', ['-rL', join('node_modules', part), join(env.HOME!, 'node_modules', part)]);
  }
  mkdirSync(join(env.HOME!, 'bin'));
  writeFileSync(
    join(env.HOME!, 'bin/mkimage'),
    `#!/bin/sh\nexec "${process.execPath}" "${env.HOME}/dist/cli.js" "$@"\n`,
    { mode: 0o755 },
  );
  await succeed('chown', ['-R', `${uid}:${uid}`, env.HOME!]);
  return run(command, args, {
    env: { ...env, PATH: `${env.HOME}/bin:${process.env.PATH}`, TMPDIR: env.HOME! },
    cwd: '/',
  });
}

test.run();
