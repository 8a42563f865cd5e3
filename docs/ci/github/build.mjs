/** Turns the inputs of action.yml into a call of mkimage, and its result into outputs. */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { env } = process;
const inputs = JSON.parse(env.INPUTS ?? '{}');
const scratch = mkdtempSync(join(env.RUNNER_TEMP ?? tmpdir(), 'mkimage-'));
const files = { iid: join(scratch, 'iid'), metadata: join(scratch, 'metadata.json') };
/** Values of secrets are passed in variables, because everybody can read the arguments of a process. */
const secretEnv = {};

try {
  const call = inputs.call ?? '';
  const isBuild = call === '' || call === 'build';
  const args = [
    'build',
    ...readFlags(),
    ...(isBuild ? ['--iidfile', files.iid, '--metadata-file', files.metadata] : []),
  ];
  const context = (inputs.context || '{{defaultContext}}').replaceAll('{{defaultContext}}', defaultContext());
  const { status, error } = spawnSync('mkimage', [...args, context], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...env, INPUTS: '', ...secretEnv },
  });
  if (error) throw error;
  if (status === 0 && isBuild) writeOutputs();
  process.exitCode = status ?? 1;
} finally {
  rmSync(scratch, { recursive: true });
}

function readFlags() {
  return [
    ...repeat('--add-host', linesOf('add-hosts', true)),
    ...repeat('--allow', linesOf('allow', true)),
    ...repeat('--annotation', linesOf('annotations')),
    ...repeat('--build-arg', linesOf('build-args')),
    ...repeat('--build-context', linesOf('build-contexts')),
    ...repeat('--cache-from', linesOf('cache-from')),
    ...repeat('--cache-to', linesOf('cache-to')),
    ...repeat('--label', linesOf('labels')),
    ...repeat('--no-cache-filter', linesOf('no-cache-filters', true)),
    ...repeat('--output', linesOf('outputs')),
    ...repeat('--platform', linesOf('platforms', true)),
    ...repeat('--ssh', linesOf('ssh')),
    ...repeat('--tag', linesOf('tags', true)),
    ...repeat('--ulimit', linesOf('ulimit', true)),
    ...repeat('--secret', [...listSecrets(), ...listTokens()]),
    ...['call', 'file', 'network', 'shm-size', 'target'].flatMap((name) => repeat(`--${name}`, lineOf(name))),
    ...['load', 'no-cache', 'part', 'pull', 'push'].flatMap((name) => (inputs[name] === 'true' ? [`--${name}`] : [])),
  ];
}

function repeat(flag, values) {
  return values.map((value) => `${flag}=${value}`);
}

function lineOf(name) {
  return inputs[name] ? [inputs[name]] : [];
}

/** The lines of an input without empty ones and comments; `withCommas`: several values can be in one line. */
function linesOf(name, withCommas = false) {
  const lines = (inputs[name] ?? '').split(withCommas ? /[\n,]/ : '\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

function listSecrets() {
  const pairs = (name) =>
    linesOf(name).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  return [
    ...readSecretValues().map(([id, value], index) => hideSecret(id, value, index)),
    ...pairs('secret-envs').map(([id, variable]) => `id=${id},env=${variable}`),
    ...pairs('secret-files').map(([id, file]) => `id=${id},src=${file}`),
  ];
}

/** `ID=VALUE` lines. In double quotes a value has several lines, and `""` means a quote. */
function readSecretValues() {
  const text = inputs.secrets ?? '';
  const pattern = /^[ \t]*(?:"([^=\s"]+)=((?:[^"]|"")*)"|([^=\s"]+)=(.*))[ \t]*$/gm;
  return [...text.matchAll(pattern)].map(([, quoted, many, id, one]) => [
    quoted ?? id,
    quoted === undefined ? one : many.replaceAll('""', '"'),
  ]);
}

function hideSecret(id, value, index) {
  secretEnv[`MKIMAGE_ACTION_SECRET_${index}`] = value;
  return `id=${id},env=MKIMAGE_ACTION_SECRET_${index}`;
}

/** The token is for the server of this repository only. */
function listTokens() {
  const token = inputs['github-token'];
  if (!token || !env.GITHUB_SERVER_URL) return [];
  return [hideSecret(`GIT_AUTH_TOKEN.${new URL(env.GITHUB_SERVER_URL).host}`, token, 'token')];
}

function defaultContext() {
  return `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}.git#${env.GITHUB_SHA}`;
}

function writeOutputs() {
  const metadata = readFileSync(files.metadata, 'utf8');
  writeOutput('imageid', readFileSync(files.iid, 'utf8'));
  writeOutput('digest', JSON.parse(metadata)['containerimage.digest'] ?? '');
  writeOutput('metadata', metadata);
}

function writeOutput(name, value) {
  const end = randomUUID();
  appendFileSync(env.GITHUB_OUTPUT, `${name}<<${end}\n${value}\n${end}\n`);
}
