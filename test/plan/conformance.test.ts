import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile } from '../../src/instructions/index.ts';
import type { Asking, PlanRequest } from '../../src/plan/index.ts';
import {
  checkBuildFile,
  createOutline,
  listTargets,
  toCheckJson,
  toOutlineJson,
  toTargetsJson,
} from '../../src/plan/index.ts';
import { withNeeds } from '../support/needs.ts';
import { settle } from './plan-support.ts';

/** Checks, outline and targets of real build files, against what BuildKit said of them (`MKIMAGE_CONFORMANCE/checks`). */
const test = suite('plan against recorded answers');
const folder = join(process.env.MKIMAGE_CONFORMANCE ?? '/', 'checks');
const missing = existsSync(folder) ? undefined : 'MKIMAGE_CONFORMANCE, the folder of recorded answers';
const check = withNeeds(test, { missing });

const LINUX = { os: 'linux', architecture: 'amd64' };
const REQUEST: PlanRequest = {
  target: undefined,
  buildArgs: {},
  platform: LINUX,
  implicitPlatform: true,
  buildPlatform: LINUX,
  contexts: {},
  labels: {},
};

interface Recorded {
  readonly error?: string;
  readonly warnings?: readonly { readonly rule: string; readonly line: number; readonly detail: string }[];
  readonly outline?: Record<string, unknown>;
  readonly targets?: readonly Record<string, unknown>[];
}

check('finds the same in every file', () => {
  const differences = readdirSync(folder)
    .sort()
    .flatMap((name) => differencesOf(name));
  assert.equal(differences, []);
});

function differencesOf(name: string): readonly string[] {
  const text = readFileSync(join(folder, name, 'Dockerfile'), 'utf8');
  const recorded: Recorded = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8'));
  const file = parseBuildFile(text);
  const source = { name: 'Dockerfile', text };
  const result = answered(checkBuildFile(file, REQUEST));
  if (recorded.error !== undefined || result.errors.length > 0) {
    const same = (recorded.error === undefined) === (result.errors.length === 0);
    return same ? [] : [`${name}: ${recorded.error} / ${result.errors[0]?.message}`];
  }
  const outlined = answered(createOutline(file, REQUEST));
  return [
    ...differs(`${name} check`, found(toCheckJson(result, source).warnings), foundBefore(recorded.warnings ?? [])),
    ...(outlined.kind === 'outline' && recorded.outline
      ? differs(`${name} outline`, shape(toOutlineJson(outlined.outline, source)), shape(recorded.outline))
      : []),
    ...(recorded.targets
      ? differs(
          `${name} targets`,
          shape(toTargetsJson(listTargets(file), source)),
          shape({ targets: recorded.targets }),
        )
      : []),
  ];
}

/** No base is there. */
function answered<Outcome>(asking: Asking<Outcome>): Outcome {
  return settle(asking, () => ({ kind: 'failure', message: 'not found' })).outcome;
}

type Warnings = ReturnType<typeof toCheckJson>['warnings'];

function found(warnings: Warnings): readonly string[] {
  return warnings
    .map(({ ruleName, detail, location }) => `${ruleName}@${location.ranges[0]?.start.line} ${detail}`)
    .sort();
}

function foundBefore(warnings: NonNullable<Recorded['warnings']>): readonly string[] {
  return warnings.map(({ rule, line, detail }) => `${rule}@${line} ${detail}`).sort();
}

/** Without places and sources, and without members that say nothing. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== 'object' || value === null) return value;
  const said = Object.entries(value).filter(
    ([key, member]) =>
      key !== 'location' && key !== 'sources' && member !== '' && member !== false && String(member) !== '',
  );
  return Object.fromEntries(said.map(([key, member]) => [key, shape(member)]).sort());
}

function differs(what: string, is: unknown, was: unknown): readonly string[] {
  const [a, b] = [JSON.stringify(is), JSON.stringify(was)];
  return a === b ? [] : [`${what}: ${a}, expected ${b}`];
}

test.run();
