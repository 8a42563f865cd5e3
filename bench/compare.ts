/**
 * createMkimage beside BuildKit and Buildah on the same builds. As root:
 * `node --import tsx bench/compare.ts [--rounds N] [--only NAME,…] [--before CHECKOUT] [--json FILE]`; README.md has the rest.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { programPath } from '../test/support/needs.ts';
import { createBase } from './compare/bases.ts';
import { createBuildah } from './compare/buildah.ts';
import type { Absent, Builder } from './compare/builder.ts';
import { createBuildkit } from './compare/buildkit.ts';
import { createMkimage, earlierMkimage } from './compare/mkimage.ts';
import { runScenario } from './compare/rounds.ts';
import type { Moment, Scenario } from './compare/scenario.ts';
import { SCENARIOS } from './compare/scenarios.ts';
import { type Row, rowOf, tableOf } from './compare/table.ts';

const say = (line: string) => console.error(line);
const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    only: { type: 'string' },
    before: { type: 'string' },
    json: { type: 'string' },
  },
});
if (process.getuid?.() !== 0) throw new Error('RUN and the peers need root');
if (programPath('time') === undefined) throw new Error('GNU time is missing (apt-get install time)');

const kept = process.env.MKIMAGE_BENCH ?? join(tmpdir(), 'mkimage-bench');
mkdirSync(kept, { recursive: true });
const folder = mkdtempSync(join(kept, 'run-'));
const earlier = flags.before === undefined ? [] : [earlierMkimage(folder, flags.before)];
const builders = [createMkimage(folder), ...earlier, createBuildkit(), createBuildah(folder)].filter(isPresent);
const rows: Row[] = [];
try {
  for (const scenario of SCENARIOS.filter(isAsked).map(possible)) {
    const base = createBase(scenario.base, kept);
    const series = await runScenario({ scenario, base, builders, folder }, Number(flags.rounds), say);
    rows.push(...series.map(rowOf));
  }
} finally {
  for (const builder of builders) builder.dispose();
  rmSync(folder, { recursive: true, force: true });
}
const machine = { cores: availableParallelism(), kernel: release(), node: process.version };
const versions = Object.fromEntries(builders.map(({ name, version }) => [name, version]));
if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify({ machine, versions, rows }, undefined, 2));
console.log(tableOf(rows));

function isAsked({ name }: Scenario): boolean {
  return flags.only === undefined || flags.only.split(',').includes(name);
}

function possible(scenario: Scenario): Scenario {
  return { ...scenario, moments: scenario.moments.filter(isPossible) };
}

function isPossible({ id, isolation }: Moment): boolean {
  if (isolation === undefined || isolation === 'namespaces' || programPath(isolation) !== undefined) return true;
  say(`left out: ${id}, ${isolation} is not on PATH`);
  return false;
}

function isPresent(builder: Builder | Absent): builder is Builder {
  if (!('missing' in builder)) return true;
  say(`left out: ${builder.name}, ${builder.missing}`);
  return false;
}
