/** Runs scenarios: all builders take turns at the same build within one round, so that a busy minute hits all of them. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Base } from './base.ts';
import type { Builder, Job } from './builder.ts';
import { type Figure, measure } from './measure.ts';
import type { Moment, Scenario } from './scenario.ts';

/** Of one moment: by builder, a figure for each round. */
export interface Series {
  readonly moment: Moment;
  readonly figures: ReadonlyMap<string, readonly Figure[]>;
}

/** Who takes this long is asked once, not in every round. */
const PATIENCE_MS = 20_000;

interface Run {
  readonly scenario: Scenario;
  readonly base: Base;
  readonly builders: readonly Builder[];
  readonly folder: string;
}

export async function runScenario(run: Run, rounds: number, say: (line: string) => void): Promise<readonly Series[]> {
  const { scenario, folder } = run;
  rmSync(join(folder, 'job'), { recursive: true, force: true });
  mkdirSync(join(folder, 'job/context'), { recursive: true });
  writeFileSync(join(folder, 'job/Dockerfile'), scenario.dockerfile);
  scenario.fill(join(folder, 'job/context'));
  const series = scenario.moments.map((moment) => ({ moment, figures: new Map<string, Figure[]>() }));
  const forgetful = scenario.forgets === 'every round';
  if (!forgetful) await forget(run);
  for (let round = forgetful ? 1 : 0; round <= rounds; round++) {
    if (forgetful) await forget(run);
    for (const { moment, figures } of series) {
      moment.change?.(join(folder, 'job/context'), round);
      for (const builder of rotate(run.builders, round)) {
        const known = figures.get(builder.name) ?? [];
        const commands = builder.build(jobOf(run, moment, round));
        if (commands.length === 0 || (known[0]?.milliseconds ?? 0) > PATIENCE_MS) continue;
        const figure = await measure(commands, folder, builder.daemon);
        if (round === 0) continue; // it warms up
        figures.set(builder.name, [...known, figure]);
        say(
          `${moment.id} ${round} ${builder.name} ${figure.milliseconds.toFixed(0)} ms ${figure.peakMiB.toFixed(0)} MiB`,
        );
      }
    }
  }
  return series;
}

/** All builders start from nothing but the base, which is in their hands and, where they do that, unpacked. */
async function forget({ base, builders, folder }: Run): Promise<void> {
  const warm = join(folder, 'warm');
  mkdirSync(join(warm, 'context'), { recursive: true });
  writeFileSync(join(warm, 'Dockerfile'), `FROM ${base.name}\nWORKDIR /warm\n`);
  for (const builder of builders) {
    await measure(builder.reset(base), folder);
    await measure(builder.build({ folder: warm, base, output: 'image', args: {} }), folder);
  }
}

function jobOf({ base, folder }: Run, { output, isolation, args }: Moment, round: number): Job {
  return {
    folder: join(folder, 'job'),
    base,
    output: output === 'image' ? output : { archive: join(folder, 'out.tar') },
    isolation,
    args: args?.(round) ?? {},
  };
}

/** Nobody is always first. */
function rotate<T>(all: readonly T[], by: number): readonly T[] {
  const at = by % all.length;
  return [...all.slice(at), ...all.slice(0, at)];
}
