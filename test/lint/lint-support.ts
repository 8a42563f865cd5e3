import { parseBuildFile } from '../../src/instructions/index.ts';
import { type LintReport, type LintSettings, lintBuildFile } from '../../src/lint/index.ts';
import { type BaseAnswer, checkBuildFile, type PlanRequest } from '../../src/plan/index.ts';
import { answer, planRequest, settle } from '../plan/plan-support.ts';

/** Lints a text; every image is there, for the platform that is asked for unless its name says that it is for amd64 only. */
export function lintText(text: string, changes: Partial<PlanRequest> = {}, settings?: LintSettings): LintReport {
  const file = parseBuildFile(text);
  const request = planRequest(changes);
  const { outcome } = settle(checkBuildFile(file, request), (base) => {
    const found = answer(base);
    const isFixed = base.reference.includes('amd64-only') || found.kind === 'failure';
    return isFixed ? found : forPlatform(found, base.platform.architecture);
  });
  return lintBuildFile({ file, text, request, settings }, outcome);
}

function forPlatform(found: Extract<BaseAnswer, { kind: 'image' }>, architecture: string): BaseAnswer {
  return { ...found, image: { ...found.image, config: { ...found.image.config, architecture } } };
}

/** Findings as `line: Check`, in the order of the text. */
export function findingsOf(text: string, changes: Partial<PlanRequest> = {}): readonly string[] {
  return lintText(text, changes).findings.map(({ rule, range }) => `${range.start.line}: ${rule.name}`);
}
