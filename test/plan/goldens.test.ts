import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PlanRequest } from '../../src/plan/index.ts';
import { outcomeOf, showDiagnostic } from './plan-support.ts';
import { printPlan } from './print-plan.ts';

/**
 * Every folder of fixtures/plans is a case: a Dockerfile, what else is asked for (request.json) and the plan or the errors
 * that come of it. `MKIMAGE_UPDATE_GOLDENS=1` writes them anew, but never where CI is set.
 */
const test = suite('plan goldens');
const folder = resolve(dirname(fileURLToPath(import.meta.url)), '../../fixtures/plans');
const isUpdate = process.env.MKIMAGE_UPDATE_GOLDENS === '1';

for (const name of readdirSync(folder).sort()) {
  test(name, () => {
    const file = join(folder, name, 'plan.txt');
    const text = planText(join(folder, name));
    if (isUpdate) {
      assert.is(process.env.CI, undefined, 'goldens are not written in CI');
      writeFileSync(file, text);
    }
    assert.fixture(text, readFileSync(file, 'utf8'));
  });
}

function planText(directory: string): string {
  const outcome = outcomeOf(readFileSync(join(directory, 'Dockerfile'), 'utf8'), requestIn(directory));
  const diagnostics = outcome.diagnostics.map((each) => `${each.severity} ${each.code} ${showDiagnostic(each)}\n`);
  return (outcome.kind === 'plan' ? [printPlan(outcome.plan), ...diagnostics] : diagnostics).join('');
}

function requestIn(directory: string): Partial<PlanRequest> {
  const file = join(directory, 'request.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

test.run();
