/**
 * Push and pull of an image of ten layers beside BuildKit and skopeo, with and without latency. As root:
 * `node --import tsx bench/registry.ts [--rounds N] [--json FILE]`; README.md has the rest.
 */
import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startRegistry } from '../test/support/registry.ts';
import { startRegistryFront } from '../test/support/registry-front.ts';
import type { Command } from './compare/builder.ts';
import { createBuildkit } from './compare/buildkit.ts';
import { type Figure, measure } from './compare/measure.ts';
import { createMkimageCommand } from './compare/mkimage.ts';

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, json: { type: 'string' } },
});
const LATENCIES = [0, 10];
const LAYERS = 10;
const LAYER_BYTES = 4 * 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'mkimage-registry-'));
const context = join(folder, 'context');
mkdirSync(join(folder, 'pull'), { recursive: true });
mkdirSync(context);

/** Half of each layer can be compressed. */
function fillContext(): void {
  const names = Array.from({ length: LAYERS }, (_, at) => `layer-${at}`);
  for (const name of names) {
    const bytes = Buffer.alloc(LAYER_BYTES, `${name} is text that can be compressed\n`);
    writeFileSync(join(context, name), randomFillSync(bytes, 0, LAYER_BYTES / 2));
  }
  writeFileSync(join(context, 'Dockerfile'), `FROM scratch\n${names.map((name) => `COPY ${name} /\n`).join('')}`);
  writeFileSync(join(folder, 'pull/own'), String(Math.random()));
}

interface Peer {
  readonly name: string;
  readonly daemon?: Parameters<typeof measure>[2];
  /** Makes the image without sending it, from nothing. */
  build(): readonly Command[];
  push(name: string): readonly Command[];
  /** Forgets all that is here. */
  forget(): readonly Command[];
  pull(name: string): readonly Command[];
}

function createMkimagePeer(): Peer {
  const root = join(folder, 'store');
  const command = (...args: readonly string[]) => createMkimageCommand(root, args);
  return {
    name: 'mkimage',
    build: () => [command('build', '-q', '-t', 'ten', context)],
    push: (name) => [command('build', '-q', '--push', '-t', name, context)],
    forget: () => {
      rmSync(root, { recursive: true, force: true });
      return [];
    },
    pull: (name) => [command('pull', '-q', name)],
  };
}

/** From a layout whose layers are compressed, and into one: its first push has less to do than that of others. */
function createSkopeoPeer(): Peer {
  const layout = join(folder, 'layout');
  const copy = (from: string, to: string): Command => ({
    words: ['skopeo', 'copy', '--quiet', '--src-tls-verify=false', '--dest-tls-verify=false', from, to],
  });
  return {
    name: 'skopeo',
    build: () => [
      createMkimageCommand(join(folder, 'other'), ['build', '-q', '-o', `type=oci,dest=${layout}.tar`, context]),
    ],
    push: (name) => [copy(`oci-archive:${layout}.tar`, `docker://${name}`)],
    forget: () => {
      rmSync(`${layout}-pulled`, { recursive: true, force: true });
      return [];
    },
    pull: (name) => [copy(`docker://${name}`, `oci:${layout}-pulled`)],
  };
}

/** Its push compresses and sends what an earlier build has made. A step on the base makes it fetch and unpack all layers. */
function createBuildkitPeer(): Peer | undefined {
  const builder = createBuildkit();
  if ('missing' in builder) {
    console.error(`left out: BuildKit, ${builder.missing}`);
    return undefined;
  }
  const buildctl = process.env.BUILDCTL ?? 'buildctl';
  const build = (from: string, ...more: readonly string[]): Command => ({
    words: [
      buildctl,
      'build',
      '--frontend=dockerfile.v0',
      `--local=context=${from}`,
      `--local=dockerfile=${from}`,
      ...more,
    ],
  });
  return {
    name: 'BuildKit',
    ...(builder.daemon === undefined ? {} : { daemon: builder.daemon }),
    build: () => [build(context)],
    push: (name) => [build(context, `--output=type=image,name=${name},push=true,registry.insecure=true`)],
    forget: () => [{ words: [buildctl, 'prune', '--all'] }],
    pull: (name) => {
      writeFileSync(join(folder, 'pull/Dockerfile'), `FROM ${name}\nCOPY own /own\n`);
      return [build(join(folder, 'pull'))];
    },
  };
}

const peers = [createMkimagePeer(), createSkopeoPeer(), createBuildkitPeer()].filter((peer) => peer !== undefined);
const figures = new Map<string, Map<string, Figure[]>>();

async function time(what: string, peer: Peer, commands: readonly Command[]): Promise<void> {
  const figure = await measure(commands, folder, peer.daemon);
  const row = figures.get(what) ?? new Map<string, Figure[]>();
  figures.set(what, row.set(peer.name, [...(row.get(peer.name) ?? []), figure]));
  console.error(`${what} ${peer.name} ${figure.milliseconds.toFixed(0)} ms ${figure.peakMiB.toFixed(0)} MiB`);
}

/** Each peer pushes to an empty registry of its own, pushes again, forgets all and pulls. */
async function runRound(latency: number, peer: Peer): Promise<void> {
  await using registry = await startRegistry();
  await using front = latency === 0 ? undefined : await startRegistryFront(registry.host, { latency });
  const name = `${(front ?? registry).host}/ten:1`;
  const label = latency === 0 ? '' : `, ${latency} ms`;
  await measure(peer.forget(), folder);
  await measure(peer.build(), folder);
  await time(`first push${label}`, peer, peer.push(name));
  await time(`push of what is there${label}`, peer, peer.push(name));
  await measure(peer.forget(), folder);
  await time(`pull${label}`, peer, peer.pull(name));
}

try {
  for (let round = 0; round < Number(flags.rounds); round++) {
    fillContext();
    for (const latency of LATENCIES)
      for (const at of peers.keys()) await runRound(latency, peers[(at + round) % peers.length]!);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const middle = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
const rows = [...figures].map(([what, row]) => ({
  what,
  ...Object.fromEntries(
    [...row].flatMap(([name, all]) => [
      [`${name} ms`, Math.round(middle(all.map(({ milliseconds }) => milliseconds)))],
      [`${name} MiB`, Math.round(Math.max(...all.map(({ peakMiB }) => peakMiB)))],
    ]),
  ),
}));
if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify(rows, undefined, 2));
console.table(rows);
console.log(execFileSync('skopeo', ['--version'], { encoding: 'utf8' }).trim());
